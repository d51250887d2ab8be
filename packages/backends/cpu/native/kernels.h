/* All kernels, for the tier whose file includes this. */
#include "simd.h"

#include "elementwise.h"
#include "copy.h"
#include "reduce.h"
#include "rows.h"
#include "random.h"
#include "adamw.h"
#include "gemm.h"
#include "attention.h"
