#ifndef EDGEPROOF_VISIBILITY_H
#define EDGEPROOF_VISIBILITY_H

/* EDGEPROOF_PUBLIC marks what a shared library exports; everything else in it is hidden. */

#if defined(__GNUC__)
#define EDGEPROOF_PUBLIC __attribute__((visibility("default")))
#else
#define EDGEPROOF_PUBLIC
#endif

#endif
