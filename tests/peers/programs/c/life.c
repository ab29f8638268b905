/* The game of life, cell by cell on a torus, and how far each dead cell is from life: bytes, branches, a queue. */
#include "program.h"
#include <string.h>

#define SIDE 128

static uint8_t cells[SIDE * SIDE], next[SIDE * SIDE];
static uint16_t distance[SIDE * SIDE], queue[SIDE * SIDE];

static unsigned around(unsigned x, unsigned y) {
    unsigned count = 0;
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++)
            if (dx || dy) count += cells[(y + dy) % SIDE * SIDE + (x + dx) % SIDE];
    return count;
}

static void step(void) {
    for (unsigned y = 0; y < SIDE; y++)
        for (unsigned x = 0; x < SIDE; x++) {
            unsigned living = around(x, y);
            next[y * SIDE + x] = living == 3 || (living == 2 && cells[y * SIDE + x]);
        }
    memcpy(cells, next, sizeof cells);
}

static uint64_t spread(void) {
    unsigned head = 0, tail = 0;
    uint64_t sum = 0;
    for (unsigned at = 0; at < SIDE * SIDE; at++) {
        distance[at] = cells[at] ? 0 : UINT16_MAX;
        if (cells[at]) queue[tail++] = at;
    }
    while (head < tail) {
        unsigned at = queue[head++], x = at % SIDE, y = at / SIDE;
        unsigned beside[4] = {y * SIDE + (x + 1) % SIDE, y * SIDE + (x + SIDE - 1) % SIDE,
                              (y + 1) % SIDE * SIDE + x, (y + SIDE - 1) % SIDE * SIDE + x};
        sum += distance[at];
        for (int i = 0; i < 4; i++)
            if (distance[beside[i]] == UINT16_MAX) {
                distance[beside[i]] = distance[at] + 1;
                queue[tail++] = beside[i];
            }
    }
    return sum;
}

static uint64_t work(uint32_t number) {
    uint64_t state = number + 123456789;
    for (unsigned at = 0; at < SIDE * SIDE; at++) cells[at] = next_number(&state) % 4 == 0;
    for (int generation = 0; generation < 6; generation++) step();
    return spread() ^ checksum(cells, 2048);
}
