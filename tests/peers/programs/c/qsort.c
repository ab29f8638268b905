/* Sorts through a pointer to a function and searches again: the C library's qsort, bsearch, strcmp, malloc. */
#include "program.h"
#include <stdlib.h>
#include <string.h>

struct entry { char *name; uint32_t value; };

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static int by_value(const void *a, const void *b) {
    uint32_t x = ((const struct entry *)a)->value, y = ((const struct entry *)b)->value;
    return (x > y) - (x < y);
}

static uint64_t work(uint32_t number) {
    enum { COUNT = 3000 };
    uint64_t state = number + 521288629, sum = 0;
    struct entry *entries = malloc(COUNT * sizeof *entries);
    for (int at = 0; at < COUNT; at++) {
        unsigned len = 3 + next_number(&state) % 9;
        char *name = malloc(len + 1);
        for (unsigned i = 0; i < len; i++) name[i] = "abcdwxyz"[next_number(&state) % 8];
        name[len] = 0;
        entries[at] = (struct entry){name, next_number(&state)};
    }
    qsort(entries, COUNT, sizeof *entries, by_value);
    for (int at = 0; at < COUNT; at += 7) sum = sum * 3 + entries[at].value;
    qsort(entries, COUNT, sizeof *entries, by_name);
    struct entry wanted = {"cab", 0};
    for (wanted.name = (char[]){"caba"}; wanted.name[0] < 'z'; wanted.name[0]++)
        sum += bsearch(&wanted, entries, COUNT, sizeof *entries, by_name) != NULL;
    for (int at = 0; at < COUNT; at++) {
        if (at % 5 == 0) sum ^= checksum(entries[at].name, strlen(entries[at].name));
        free(entries[at].name);
    }
    free(entries);
    return sum;
}
