/* What the kernels use of math.h: WebAssembly's own instructions, and Math of JavaScript for the rest. */
#ifndef HEDDLE_WASM_MATH_H
#define HEDDLE_WASM_MATH_H

#define INFINITY __builtin_inff()
#define NAN __builtin_nanf("")
#define isfinite(x) __builtin_isfinite(x)
#define isnan(x) __builtin_isnan(x)

#define MATH(name) __attribute__((import_module("Math"), import_name(#name)))
MATH(exp) double exp(double x);
MATH(log) double log(double x);
MATH(pow) double pow(double x, double y);
MATH(sin) double sin(double x);
MATH(cos) double cos(double x);
#undef MATH

static inline float expf(float x) { return (float)exp((double)x); }
static inline float logf(float x) { return (float)log((double)x); }
static inline float sinf(float x) { return (float)sin((double)x); }
static inline float cosf(float x) { return (float)cos((double)x); }
/* In C, unlike JavaScript, 1 to any power is 1, and so is -1 to an infinite one. */
static inline float powf(float x, float y) {
  if (x == 1.0f || (x == -1.0f && __builtin_isinf(y))) return 1.0f;
  return (float)pow((double)x, (double)y);
}

static inline float sqrtf(float x) { return __builtin_sqrtf(x); }
static inline double sqrt(double x) { return __builtin_sqrt(x); }
static inline float fabsf(float x) { return __builtin_fabsf(x); }
static inline double fabs(double x) { return __builtin_fabs(x); }
static inline float floorf(float x) { return __builtin_floorf(x); }

#endif
