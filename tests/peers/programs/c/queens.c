/* Places queens on a board where none takes another, and counts primes with a sieve: recursion, bits, branches. */
#include "program.h"
#include <string.h>

static uint8_t composite[40000];

static uint32_t place(uint32_t all, uint32_t columns, uint32_t left, uint32_t right) {
    if (columns == all) return 1;
    uint32_t count = 0;
    for (uint32_t free = all & ~(columns | left | right); free; free &= free - 1) {
        uint32_t queen = free & -free;
        count += place(all, columns | queen, (left | queen) << 1, (right | queen) >> 1);
    }
    return count;
}

static uint32_t primes(uint32_t below) {
    uint32_t count = 0;
    memset(composite, 0, below);
    for (uint32_t number = 2; number < below; number++) {
        if (composite[number]) continue;
        count++;
        for (uint32_t multiple = number * 2; multiple < below; multiple += number) composite[multiple] = 1;
    }
    return count;
}

static uint64_t work(uint32_t number) {
    return place((1u << (8 + number % 2)) - 1, 0, 0, 0) * 100000 + primes(sizeof composite - number % 100);
}
