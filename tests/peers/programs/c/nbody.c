/* Planets pull each other: the benchmarks game's n-body, floats and a square root. */
#include "program.h"
#include <math.h>

#define BODIES 5

struct body { double x[3], v[3], mass; };

static void advance(struct body *bodies, double dt) {
    for (int i = 0; i < BODIES; i++) {
        for (int j = i + 1; j < BODIES; j++) {
            double d[3], near = 0;
            for (int k = 0; k < 3; k++) {
                d[k] = bodies[i].x[k] - bodies[j].x[k];
                near += d[k] * d[k];
            }
            double by = dt / (near * sqrt(near));
            for (int k = 0; k < 3; k++) {
                bodies[i].v[k] -= d[k] * bodies[j].mass * by;
                bodies[j].v[k] += d[k] * bodies[i].mass * by;
            }
        }
    }
    for (int i = 0; i < BODIES; i++)
        for (int k = 0; k < 3; k++) bodies[i].x[k] += dt * bodies[i].v[k];
}

static uint64_t work(uint32_t number) {
    struct body bodies[BODIES] = {
        {{0, 0, 0}, {0, 0, 0}, 39.47},
        {{4.84, -1.16, -0.10}, {0.606, 2.81, -0.02}, 0.037},
        {{8.34, 4.12, -0.40}, {-1.01, 1.82, 0.008}, 0.011},
        {{12.89, -15.11, -0.22}, {1.08, 0.868, -0.01}, 0.0017},
        {{15.37, -25.9, 0.179}, {0.979, 0.594, -0.034}, 0.002},
    };
    bodies[1].x[0] += number * 1e-3;
    for (int step = 0; step < 2000; step++) advance(bodies, 0.01);
    return checksum(bodies, sizeof bodies);
}
