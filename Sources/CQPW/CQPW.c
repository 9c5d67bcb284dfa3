// The module is header-only; this file makes the compiler read it as C once.
#include "CQPW.h"
