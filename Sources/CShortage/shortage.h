// Shared by the files of this target.
#ifndef TRIPTYCH_CSHORTAGE_INTERNAL_H
#define TRIPTYCH_CSHORTAGE_INTERNAL_H

#include "CShortage.h"

/// What ran out.
enum cs_resource { CS_NOTHING, CS_MEMORY, CS_DESCRIPTORS, CS_THREADS };

/// Says farewell, writes the error line and ends the process with exit code 1. Async-signal-safe.
_Noreturn void cs_end(enum cs_resource resource);

/// Puts a page of zeros where a guarded mapping has lost one; false where the address belongs to no guard.
/// Async-signal-safe.
bool cs_mend(const void *address);

/// Handles SIGBUS from now on, if it is not handled yet.
void cs_watch_bus(void);

#endif
