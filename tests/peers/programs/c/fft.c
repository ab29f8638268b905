/* Filters a signal: fast Fourier transform there and back, of doubles. */
#include "program.h"
#include <math.h>

#define LEN 2048

struct complex { double re, im; };

static struct complex signal[LEN], roots[LEN / 2];

static void transform(struct complex *a) {
    for (unsigned i = 1, j = 0; i < LEN; i++) {
        unsigned bit = LEN >> 1;
        for (; j & bit; bit >>= 1) j ^= bit;
        j ^= bit;
        if (i < j) {
            struct complex swapped = a[i];
            a[i] = a[j];
            a[j] = swapped;
        }
    }
    for (unsigned len = 2; len <= LEN; len <<= 1) {
        for (unsigned at = 0; at < LEN; at += len) {
            for (unsigned k = 0; k < len / 2; k++) {
                struct complex w = roots[k * (LEN / len)], *u = &a[at + k], *v = &a[at + k + len / 2];
                double re = v->re * w.re - v->im * w.im, im = v->re * w.im + v->im * w.re;
                *v = (struct complex){u->re - re, u->im - im};
                *u = (struct complex){u->re + re, u->im + im};
            }
        }
    }
}

static uint64_t work(uint32_t number) {
    if (roots[0].re == 0)
        for (unsigned k = 0; k < LEN / 2; k++)
            roots[k] = (struct complex){cos(2 * M_PI * k / LEN), sin(2 * M_PI * k / LEN)};
    uint64_t state = number + 88172645463325252;
    for (unsigned at = 0; at < LEN; at++)
        signal[at] = (struct complex){(int32_t)next_number(&state) * 0x1p-31, 0};
    transform(signal);
    for (unsigned at = LEN / 8; at < LEN - LEN / 8; at++) signal[at] = (struct complex){0, 0};
    for (unsigned at = 0; at < LEN; at++) signal[at].im = -signal[at].im;
    transform(signal);
    return checksum(signal, 4096);
}
