// expect: expression is 'async' but is not marked with 'await'
import QPW

func wait(_ work: PerCPUWork) async {
    work.flush()
}
