#include "CQPWTestSupport.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

int qpwt_run_in_child(int (*body)(void *), void *context, unsigned seconds) {
    pid_t child = fork();
    if (child < 0) return 255;
    if (child == 0) {
        alarm(seconds);
        _exit(body(context));
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return 255;
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
