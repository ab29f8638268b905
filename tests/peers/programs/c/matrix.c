/* Multiplies matrices of floats, and solves a system of equations by elimination. */
#include "program.h"
#include <math.h>

#define N 72

static float a[N][N], b[N][N], c[N][N];
static double system_of[N][N + 1];

static void multiply(void) {
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            float sum = 0;
            for (int k = 0; k < N; k++) sum += a[i][k] * b[k][j];
            c[i][j] = sum;
        }
}

static void eliminate(void) {
    for (int column = 0; column < N; column++) {
        int pivot = column;
        for (int row = column + 1; row < N; row++)
            if (fabs(system_of[row][column]) > fabs(system_of[pivot][column])) pivot = row;
        for (int at = 0; at <= N; at++) {
            double swapped = system_of[pivot][at];
            system_of[pivot][at] = system_of[column][at];
            system_of[column][at] = swapped;
        }
        for (int row = 0; row < N; row++) {
            if (row == column) continue;
            double by = system_of[row][column] / system_of[column][column];
            for (int at = column; at <= N; at++) system_of[row][at] -= by * system_of[column][at];
        }
    }
}

static uint64_t work(uint32_t number) {
    uint64_t state = number + 362436069;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = (int32_t)next_number(&state) * 0x1p-31f;
            b[i][j] = (int32_t)next_number(&state) * 0x1p-31f;
        }
    multiply();
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) system_of[i][j] = c[i][j] + (i == j);
        system_of[i][N] = i;
    }
    eliminate();
    for (int i = 0; i < N; i++) a[0][i] = (float)(system_of[i][N] / system_of[i][i]);
    return checksum(c, sizeof c) ^ checksum(a[0], sizeof a[0]);
}
