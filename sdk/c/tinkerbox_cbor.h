/* Tinkerbox: CBOR (RFC 8949), as far as a mod's state needs it. tinkerbox_state.h includes this file. What is written is in the
 * shortest form, and what is read may be anything. */
#ifndef TINKERBOX_CBOR_H
#define TINKERBOX_CBOR_H

enum { TB_CBOR_POSITIVE_, TB_CBOR_NEGATIVE_, TB_CBOR_BYTES_, TB_CBOR_TEXT_, TB_CBOR_ARRAY_, TB_CBOR_MAP_, TB_CBOR_TAG_,
       TB_CBOR_OTHER_ };

static inline uint32_t tb_len_(const char *text) {
    uint32_t len = 0;
    while (text[len]) len++;
    return len;
}

/* --- Writing ------------------------------------------------------------------------------------------------------- */

TB_SHARED_ uint8_t *tb_write_number_(uint8_t *to, uint32_t first, uint64_t number, uint32_t bytes) {
    *to++ = (uint8_t)first;
    while (bytes > 0) *to++ = (uint8_t)(number >> 8 * --bytes);
    return to;
}

TB_SHARED_ uint8_t *tb_write_head_(uint8_t *to, uint32_t major, uint64_t number) {
    if (number < 24) return tb_write_number_(to, major << 5 | (uint32_t)number, 0, 0);
    uint32_t log = number > 0xffffffff ? 3 : number > 0xffff ? 2 : number > 0xff;
    return tb_write_number_(to, major << 5 | (24 + log), number, 1u << log);
}

TB_SHARED_ uint8_t *tb_write_text_(uint8_t *to, const char *text, uint32_t len) {
    to = tb_write_head_(to, TB_CBOR_TEXT_, len);
    __builtin_memcpy(to, text, len);
    return to + len;
}

/* --- Reading ------------------------------------------------------------------------------------------------------- */

typedef struct tb_reader_ {
    uint8_t *at, *end;
    bool is_damaged;
} tb_reader_;

typedef struct tb_item_ {
    /* `form` tells floats, bools and the like apart. */
    uint32_t major, form;
    uint64_t number;
} tb_item_;

TB_SHARED_ tb_item_ tb_read_item_(tb_reader_ *reader) {
    tb_item_ item = {0, 0, 0};
    if (reader->at == reader->end) {
        reader->is_damaged = true;
        return item;
    }
    item.major = *reader->at >> 5;
    item.form = *reader->at++ & 31;
    uint32_t bytes = item.form < 24 ? 0 : 1u << (item.form - 24);
    if (item.form > 27 || bytes > (uint32_t)(reader->end - reader->at)) {
        reader->is_damaged = true;
        return item;
    }
    item.number = bytes == 0 ? item.form : 0;
    while (bytes-- > 0) item.number = item.number << 8 | *reader->at++;
    if ((item.major == TB_CBOR_TEXT_ || item.major == TB_CBOR_BYTES_) && item.number > (uint64_t)(reader->end - reader->at))
        reader->is_damaged = true;
    return item;
}

/* Skips values; each takes a byte at least, so the reader's end ends this, whatever the counts say. */
TB_SHARED_ void tb_skip_(tb_reader_ *reader, uint64_t values) {
    while (values > 0 && !reader->is_damaged) {
        tb_item_ item = tb_read_item_(reader);
        uint64_t left = (uint64_t)(reader->end - reader->at);
        if (reader->is_damaged) return;
        if (item.major == TB_CBOR_TEXT_ || item.major == TB_CBOR_BYTES_) reader->at += item.number;
        uint64_t inner = item.major == TB_CBOR_ARRAY_ ? item.number
                         : item.major == TB_CBOR_MAP_ ? (item.number > left ? left + 1 : 2 * item.number)
                                                      : item.major == TB_CBOR_TAG_;
        if (inner > left) reader->is_damaged = true;
        values += inner - 1;
    }
}

static inline bool tb_is_float_(tb_item_ item) { return item.major == TB_CBOR_OTHER_ && item.form >= 25; }

TB_SHARED_ double tb_half_(uint32_t bits) {
    double value = bits & 0x3ff;
    uint32_t exponent = bits >> 10 & 31;
    if (exponent == 31) return value > 0 ? __builtin_nan("") : bits & 0x8000 ? -__builtin_inf() : __builtin_inf();
    if (exponent > 0) value += 1024;
    for (int32_t power = (int32_t)(exponent > 0 ? exponent : 1) - 25; power != 0; power += power < 0 ? 1 : -1)
        value = power < 0 ? value / 2 : value * 2;
    return bits & 0x8000 ? -value : value;
}

TB_SHARED_ double tb_float_of_(tb_item_ item) {
    if (item.form == 25) return tb_half_((uint32_t)item.number);
    uint32_t bits = (uint32_t)item.number;
    float single;
    double value;
    __builtin_memcpy(&single, &bits, sizeof single);
    __builtin_memcpy(&value, &item.number, sizeof value);
    return item.form == 26 ? (double)single : value;
}

/* The value of the field with this name, in a map of `entries` that begins at the reader; or an empty reader. The name is
 * marked: text becomes bytes, which no field's name is. */
TB_SHARED_ tb_reader_ tb_find_(tb_reader_ reader, uint64_t entries, const char *name) {
    uint32_t len = tb_len_(name);
    for (; entries > 0 && !reader.is_damaged; entries--) {
        tb_reader_ key = reader;
        uint8_t *head = reader.at;
        tb_item_ item = tb_read_item_(&key);
        tb_skip_(&reader, 1);
        bool is_found = (item.major == TB_CBOR_TEXT_ || item.major == TB_CBOR_BYTES_) && item.number == len;
        for (uint32_t i = 0; is_found && i < len; i++) is_found = key.at[i] == (uint8_t)name[i];
        if (is_found) {
            *head &= ~0x20;
            return reader;
        }
        tb_skip_(&reader, 1);
    }
    reader.at = reader.end;
    return reader;
}

#endif
