/* Compresses a text and unpacks it again: libbzip2, as the crate bzip2-sys carries it. */
#include "program.h"
#include <bzlib.h>
#include <stdlib.h>
#include <string.h>

static char text[24000], packed[32000], unpacked[24000];

/* What libbzip2 calls where it finds that it is wrong. */
void bz_internal_error(int code) { abort(); }

static uint64_t work(uint32_t number) {
    static const char *words[] = {"wolf ", "meadow ", "the ", "a ", "grass ", "of ", "herd.\n", "winding "};
    uint64_t state = number + 5783321;
    unsigned len = 0, packed_len = sizeof packed, unpacked_len = sizeof unpacked;
    while (len + 8 < sizeof text) {
        const char *word = words[next_number(&state) % 64 * (next_number(&state) % 64) / 512];
        memcpy(text + len, word, strlen(word));
        len += strlen(word);
    }
    if (BZ2_bzBuffToBuffCompress(packed, &packed_len, text, len, 1, 0, 0)) abort();
    if (BZ2_bzBuffToBuffDecompress(unpacked, &unpacked_len, packed, packed_len, 0, 0)) abort();
    if (unpacked_len != len || memcmp(text, unpacked, len)) abort();
    return checksum(packed, packed_len);
}
