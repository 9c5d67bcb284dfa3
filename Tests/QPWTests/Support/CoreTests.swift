import Testing

/// Everything that occupies CPUs runs one test after the other, so that no test's threads are another's noise.
@Suite(.serialized) enum CoreTests {}
