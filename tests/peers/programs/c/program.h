/* What the programs in C share: each defines `work`, and this exports `run`, which works n times with the numbers
 * from 0 up and mixes the results into a checksum. */
#include <stdint.h>

static uint64_t work(uint32_t number);

__attribute__((export_name("run"))) int64_t run(int32_t n) {
    uint64_t sum = 0;
    for (int32_t number = 0; number < n; number++) sum = sum * 31 + work(number);
    return (int64_t)sum;
}

/* Numbers that look random: Marsaglia's xorshift. */
static inline uint32_t next_number(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)(*state >> 32);
}

/* A checksum of bytes: FNV-1a. */
static inline uint64_t checksum(const void *bytes, unsigned long len) {
    uint64_t sum = 0xcbf29ce484222325;
    for (unsigned long at = 0; at < len; at++) sum = (sum ^ ((const uint8_t *)bytes)[at]) * 0x100000001b3;
    return sum;
}
