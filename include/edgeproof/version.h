#ifndef EDGEPROOF_VERSION_H
#define EDGEPROOF_VERSION_H

/* The version of edgeproof: these three numbers, and nothing else, say what it is. CMake reads them
 * for the package, the program prints them, and stored results carry them.
 *
 * Before 1.0 a higher minor number may change any interface; a higher patch number changes none. */

#define EDGEPROOF_VERSION_MAJOR 0
#define EDGEPROOF_VERSION_MINOR 1
#define EDGEPROOF_VERSION_PATCH 0

#define EDGEPROOF_TEXT_OF_(value) #value
#define EDGEPROOF_DOTTED_(major, minor, patch) \
  EDGEPROOF_TEXT_OF_(major) "." EDGEPROOF_TEXT_OF_(minor) "." EDGEPROOF_TEXT_OF_(patch)

/* "0.1.0", a string literal. edgeproof_version() of edgeproof.h is the linked library's. */
#define EDGEPROOF_VERSION \
  EDGEPROOF_DOTTED_(EDGEPROOF_VERSION_MAJOR, EDGEPROOF_VERSION_MINOR, EDGEPROOF_VERSION_PATCH)

#endif
