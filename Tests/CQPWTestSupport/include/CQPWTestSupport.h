// What the tests need of C: fork, which Swift declares unavailable.
#pragma once

/// Runs `body(context)` in a forked child, whose exit status it returns.
///
/// 128 and the signal's number if a signal ended it. The child is killed after `seconds`: a test of what must not
/// wait must not wait itself.
int qpwt_run_in_child(int (*_Nonnull body)(void *_Nullable), void *_Nullable context, unsigned seconds);
