// The hit ratio of Caffeine on a file of keys, or what a hit costs, as a document like those of `qpw bench pages`.
//
//   java -cp caffeine.jar CaffeineCache.java ratio FILE CAPACITY
//   java -cp caffeine.jar CaffeineCache.java time FILE
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executor;

public class CaffeineCache {
    /** As long as a round is to take at least. */
    private static final long ROUND = 50_000_000L;
    private static final int ROUNDS = 15;
    /** Rounds before those that count: the compiler is at work. */
    private static final int WARM_UP = 10;

    /** Requests after which reads that wait in Caffeine's buffer of 16 are told to its policy. */
    private static final int TOLD = 8;

    /** Values are used, so that no look-up is optimized away. */
    private static long sum;

    public static void main(String[] arguments) throws Exception {
        Integer[] keys = keys(arguments[1]);
        boolean isTime = arguments[0].equals("time");
        String results = isTime ? times(keys) : ratio(keys, Integer.parseInt(arguments[2]));
        System.out.println("{\"results\": [" + results + "]}");
    }

    /** One object for each key that there is, as a program that has its keys would. */
    private static Integer[] keys(String path) throws Exception {
        Map<Integer, Integer> known = new HashMap<>();
        return Files.readAllLines(Path.of(path)).stream()
            .map(Integer::valueOf).map(key -> known.computeIfAbsent(key, same -> same)).toArray(Integer[]::new);
    }

    /** Maintenance runs in the thread that asks for it, so that evictions are where they belong in the sequence. */
    private static Cache<Integer, Integer> cache(int capacity) {
        Executor here = Runnable::run;
        return Caffeine.newBuilder().maximumSize(capacity).executor(here).build();
    }

    private static String ratio(Integer[] keys, int capacity) {
        Cache<Integer, Integer> cache = cache(capacity);
        int hits = 0, requests = 0;
        for (Integer key : keys) {
            if (cache.getIfPresent(key) != null) {
                hits++;
            } else {
                cache.put(key, key);
            }
            if (++requests % TOLD == 0) cache.cleanUp();
        }
        cache.cleanUp();
        if (cache.estimatedSize() > capacity) throw new IllegalStateException("over capacity");
        return row("hitratio/Caffeine", "percent", new double[] {100.0 * hits / keys.length});
    }

    /** With room for an eighth more keys than there are, as in `qpw bench pages`. */
    private static String times(Integer[] keys) {
        Map<Integer, Integer> map = new HashMap<>();
        for (Integer key : keys) map.put(key, key);
        Cache<Integer, Integer> cache = cache(map.size() + map.size() / 8);
        cache.putAll(map);
        cache.cleanUp();
        double[] ofCache = new double[ROUNDS], ofMap = new double[ROUNDS];
        for (int round = -WARM_UP; round < ROUNDS; round++) {
            double one = cacheRound(cache, keys), other = mapRound(map, keys);
            if (round < 0) continue;
            ofCache[round] = one;
            ofMap[round] = other;
        }
        return row("hit/Caffeine", "ns", ofCache) + ", " + row("HashMap", "ns", ofMap);
    }

    private static double cacheRound(Cache<Integer, Integer> cache, Integer[] keys) {
        long start = System.nanoTime(), end = start, count = 0;
        for (; end - start < ROUND; end = System.nanoTime()) {
            for (Integer key : keys) sum += cache.getIfPresent(key);
            count += keys.length;
        }
        return (double) (end - start) / count;
    }

    private static double mapRound(Map<Integer, Integer> map, Integer[] keys) {
        long start = System.nanoTime(), end = start, count = 0;
        for (; end - start < ROUND; end = System.nanoTime()) {
            for (Integer key : keys) sum += map.get(key);
            count += keys.length;
        }
        return (double) (end - start) / count;
    }

    private static String row(String name, String unit, double[] figures) {
        Arrays.sort(figures);
        return String.format(Locale.ROOT,
            "{\"name\": \"%s\", \"threads\": 1, \"unit\": \"%s\", \"min\": %f, \"median\": %f, \"max\": %f}",
            name, unit, figures[0], figures[figures.length / 2], figures[figures.length - 1]);
    }
}
