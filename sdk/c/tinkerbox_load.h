/* Tinkerbox: takes from a saved state what fits the state of this code. tinkerbox_state.h includes this file. */
#ifndef TINKERBOX_LOAD_H
#define TINKERBOX_LOAD_H

/* --- What does not fit --------------------------------------------------------------------------------------------- */

/* One loading of a state. */
typedef struct tb_restore_ {
    const char *state;
    /* The state has other fields than were saved, or other values. */
    bool has_changed;
    bool is_silent;
} tb_restore_;

/* The way to a value: names of fields, and numbers of items. */
typedef struct tb_place_ {
    const struct tb_place_ *around;
    const char *name;
    uint32_t item;
} tb_place_;

TB_SHARED_ void tb_put_place_(tb_text_ *text, const tb_place_ *place) {
    if (place->around) {
        tb_put_place_(text, place->around);
        tb_put_char_(text, '.');
    }
    if (place->name)
        tb_put_text_(text, place->name);
    else
        tb_put_number_(text, place->item, 10, 1);
}

/* A float in as few digits as are needed to see which one it is. */
TB_SHARED_ void tb_put_found_float_(tb_text_ *text, double number) {
    if (number != number) {
        tb_put_text_(text, "NaN");
        return;
    }
    uint32_t exponent = 0;
    double positive = __builtin_fabs(number);
    if (positive > 0 && positive < 1e-4)
        for (; positive < 1; exponent++, number *= 10) positive *= 10;
    tb_put_float_(text, number, 9);
    if (positive < 1e18) {
        while (text->bytes[text->len - 1] == '0' && text->bytes[text->len - 2] != '.') text->len--;
    }
    if (exponent > 0) {
        tb_put_text_(text, "e-");
        tb_put_number_(text, exponent, 10, 1);
    }
}

/* A text of the saved state, shortened. */
TB_SHARED_ void tb_put_saved_text_(tb_text_ *text, const uint8_t *bytes, uint64_t len) {
    enum { TB_SHOWN_ = 40 };
    uint32_t shown = len > TB_SHOWN_ ? TB_SHOWN_ : (uint32_t)len;
    while (shown < len && shown > 0 && (bytes[shown] & 0xc0) == 0x80) shown--;
    tb_put_char_(text, '"');
    for (uint32_t i = 0; i < shown; i++) tb_put_char_(text, (char)bytes[i]);
    tb_put_text_(text, shown < len ? "\"..." : "\"");
}

/* What was saved. */
TB_SHARED_ void tb_put_found_(tb_text_ *text, tb_reader_ reader) {
    tb_item_ item = tb_read_item_(&reader);
    switch (item.major) {
    case TB_CBOR_NEGATIVE_:
        tb_put_char_(text, '-');
        item.number++;
        /* fallthrough */
    case TB_CBOR_POSITIVE_: tb_put_number_(text, item.number, 10, 1); return;
    case TB_CBOR_TEXT_: tb_put_saved_text_(text, reader.at, item.number); return;
    case TB_CBOR_BYTES_:
    case TB_CBOR_ARRAY_:
    case TB_CBOR_MAP_:
        if (item.major != TB_CBOR_BYTES_) tb_put_text_(text, item.major == TB_CBOR_ARRAY_ ? "a list of " : "a map of ");
        tb_put_number_(text, item.number, 10, 1);
        if (item.major == TB_CBOR_BYTES_) tb_put_text_(text, " bytes");
        return;
    default: break;
    }
    if (tb_is_float_(item)) {
        tb_put_found_float_(text, tb_float_of_(item));
        return;
    }
    bool is_bool = item.major == TB_CBOR_OTHER_ && (item.form == 20 || item.form == 21);
    bool is_null = item.major == TB_CBOR_OTHER_ && item.form == 22;
    tb_put_text_(text, is_bool   ? (item.form == 20 ? "false" : "true")
                       : is_null ? "nothing"
                                 : "a value of another kind");
}

static inline tb_text_ *tb_begin_note_(tb_restore_ *restore, const tb_place_ *place, const char *what) {
    static tb_text_ text;
    text.len = 0;
    tb_put_text_(&text, "the state's field `");
    tb_put_text_(&text, restore->state);
    tb_put_text_(&text, "::");
    tb_put_place_(&text, place);
    tb_put_text_(&text, "` ");
    tb_put_text_(&text, what);
    return &text;
}

static inline void tb_end_note_(tb_restore_ *restore, int32_t level, const tb_text_ *text) {
    restore->has_changed = true;
    if (!restore->is_silent) tb_host_log(level, text->bytes, text->len);
}

/* Notes that the value at the reader does not fit. Returns false. */
TB_SHARED_ bool tb_misfit_(tb_restore_ *restore, const tb_place_ *place, tb_reader_ reader, const char *what,
                           const char *expected, uint32_t count) {
    tb_text_ *text = tb_begin_note_(restore, place, what);
    tb_put_text_(text, ": the value that the old code saved does not fit: expected ");
    tb_put_text_(text, expected);
    if (count > 0) tb_put_number_(text, count, 10, 1);
    tb_put_text_(text, ", found ");
    tb_put_found_(text, reader);
    tb_end_note_(restore, TB_WARN_, text);
    return false;
}

/* Notes that there are fewer or more values than were saved. */
TB_SHARED_ void tb_note_length_(tb_restore_ *restore, const tb_place_ *place, const char *words, uint64_t saved,
                                uint64_t has) {
    tb_text_ *text = tb_begin_note_(restore, place, "has ");
    tb_put_number_(text, has, 10, 1);
    tb_put_text_(text, words);
    tb_put_number_(text, saved, 10, 1);
    tb_put_text_(text, " were saved: the last ");
    tb_put_number_(text, saved > has ? saved - has : has - saved, 10, 1);
    tb_put_text_(text, saved > has ? " are dropped" : " have their default");
    tb_end_note_(restore, TB_WARN_, text);
}

/* --- Loading ------------------------------------------------------------------------------------------------------- */

/* A float without a fraction as an integer of CBOR. False if it is none, or is beyond all types. */
static inline bool tb_whole_(tb_item_ *item) {
    double value = tb_float_of_(*item);
    if (!(__builtin_fabs(value) < 18446744073709551616.0) || value != __builtin_trunc(value)) return false;
    item->major = value < 0 ? TB_CBOR_NEGATIVE_ : TB_CBOR_POSITIVE_;
    item->number = value < 0 ? (uint64_t)-value - 1 : (uint64_t)value;
    return true;
}

/* A float, or an integer that is exactly one. */
static inline bool tb_fit_float_(tb_item_ item, uint32_t size, double *value) {
    if (tb_is_float_(item)) {
        *value = tb_float_of_(item);
        return size == 8 || __builtin_isinf(*value) || !__builtin_isinf((float)*value);
    }
    if (item.major > TB_CBOR_NEGATIVE_) return false;
    uint64_t distance = item.number + item.major;
    *value = item.major ? -(double)item.number - 1 : (double)item.number;
    return distance == 0 || 64 - __builtin_clzll(distance) - __builtin_ctzll(distance) <= (size == 4 ? 24 : 53);
}

/* The bits of a number or a bool, if the item is one. */
TB_SHARED_ bool tb_fit_scalar_(tb_restore_ *restore, const tb_shape_ *shape, tb_item_ item, uint64_t *bits) {
    uint64_t most = ~(uint64_t)0 >> (64 - 8 * shape->size);
    bool is_float = tb_is_float_(item);
    double value;
    float single;
    switch (shape->kind) {
    case TB_IS_FLOAT_:
        if (!tb_fit_float_(item, shape->size, &value)) return false;
        restore->has_changed |= !is_float;
        single = (float)value;
        __builtin_memcpy(bits, shape->size == 4 ? (void *)&single : (void *)&value, shape->size);
        return true;
    case TB_IS_BOOL_:
        *bits = item.form == 21;
        return item.major == TB_CBOR_OTHER_ && (item.form == 20 || item.form == 21);
    default:
        if (is_float && !tb_whole_(&item)) return false;
        *bits = item.major == TB_CBOR_NEGATIVE_ ? ~item.number : item.number;
        if (shape->kind == TB_IS_SIGNED_ ? item.major > TB_CBOR_NEGATIVE_ || item.number > most >> 1
                                         : item.major != TB_CBOR_POSITIVE_ || item.number > most)
            return false;
        restore->has_changed |= is_float;
        return true;
    }
}

static inline bool tb_fit_variant_(const tb_shape_ *shape, tb_reader_ reader, tb_item_ item, uint64_t *bits) {
    if (item.major != TB_CBOR_TEXT_) return false;
    for (*bits = 0; *bits < shape->count; ++*bits) {
        const char *name = tb_nth_(shape->variants, (uint32_t)*bits);
        uint32_t i = 0;
        while (i < item.number && name[i] && (uint8_t)name[i] == reader.at[i]) i++;
        if (i == item.number && !name[i]) return true;
    }
    return false;
}

TB_SHARED_ void tb_fit_field_(tb_restore_ *restore, const tb_place_ *around, const tb_field_ *field, tb_reader_ entries,
                              uint64_t count, uint8_t *to);

/* Reads a value, and writes what fits of it. Returns whether any of it does; if not, `what` is the matter with the place. */
TB_SHARED_ bool tb_fit_(tb_restore_ *restore, const tb_place_ *place, const tb_shape_ *shape, tb_reader_ reader,
                        const char *what, uint8_t *to) {
    tb_reader_ value = reader;
    tb_item_ item = tb_read_item_(&value);
    uint64_t bits = 0;
    if (shape->kind == TB_IS_STRUCT_) {
        if (item.major != TB_CBOR_MAP_) return tb_misfit_(restore, place, reader, what, shape->words, 0);
        for (const tb_field_ *field = shape->fields; field < shape->fields + shape->count; field++)
            tb_fit_field_(restore, place, field, value, item.number, to + field->offset);
        /* New ones are noted; if others are gone there were more. */
        restore->has_changed |= item.number > shape->count;
        return true;
    }
    bool fits = shape->kind == TB_IS_ENUM_ ? tb_fit_variant_(shape, value, item, &bits)
                                           : tb_fit_scalar_(restore, shape, item, &bits);
    if (!fits) return tb_misfit_(restore, place, reader, what, shape->words, 0);
    __builtin_memcpy(to, &bits, shape->size);
    return true;
}

static inline void tb_fit_text_(tb_restore_ *restore, const tb_place_ *place, tb_reader_ reader, uint32_t size,
                                uint8_t *to) {
    tb_reader_ value = reader;
    tb_item_ item = tb_read_item_(&value);
    if (item.major != TB_CBOR_TEXT_) {
        tb_misfit_(restore, place, reader, "has its default", "a text", 0);
        return;
    }
    uint64_t len = item.number < size ? item.number : size - 1;
    while (len < item.number && len > 0 && (value.at[len] & 0xc0) == 0x80) len--;
    __builtin_memset(to, 0, size);
    __builtin_memcpy(to, value.at, (size_t)len);
    if (len < item.number) tb_note_length_(restore, place, " bytes, and ", item.number, len);
}

static inline void tb_fit_items_(tb_restore_ *restore, const tb_place_ *place, const tb_field_ *field, tb_reader_ reader,
                                 uint8_t *to) {
    tb_reader_ value = reader;
    tb_item_ item = tb_read_item_(&value);
    if (item.major != TB_CBOR_ARRAY_) {
        tb_misfit_(restore, place, reader, "has its default", "a list of ", field->count);
        return;
    }
    for (uint32_t i = 0; i < field->count && i < item.number; i++) {
        tb_place_ within = {place, NULL, i};
        tb_fit_(restore, &within, field->shape, value, "has its default", to + i * field->shape->size);
        tb_skip_(&value, 1);
    }
    if (item.number != field->count) tb_note_length_(restore, place, " values, and ", item.number, field->count);
}

static inline void tb_fit_optional_(tb_restore_ *restore, const tb_place_ *place, const tb_field_ *field,
                                    tb_reader_ reader, uint8_t *to) {
    tb_reader_ value = reader;
    tb_item_ item = tb_read_item_(&value);
    uint8_t *inner = to + field->size - field->shape->size;
    bool is_null = item.major == TB_CBOR_OTHER_ && item.form == 22;
    if (!*to || is_null) __builtin_memset(to, 0, field->size);
    if (is_null) return;
    const char *what = *to ? "has its default" : "is none";
    if (tb_fit_(restore, place, field->shape, reader, what, inner)) *to = true;
}

/* Gives a field the value that was saved under its name, or under the first of the names that it had before. */
TB_SHARED_ void tb_fit_field_(tb_restore_ *restore, const tb_place_ *around, const tb_field_ *field, tb_reader_ entries,
                              uint64_t count, uint8_t *to) {
    tb_place_ place = {around, field->name, 0};
    tb_reader_ value = tb_find_(entries, count, field->name);
    for (const char *was = field->was; value.at == value.end && *was; was += tb_len_(was) + 1) {
        value = tb_find_(entries, count, was);
        restore->has_changed = true;
    }
    if (value.at == value.end) {
        tb_end_note_(restore, TB_INFO_, tb_begin_note_(restore, &place, "is new and has its default"));
        return;
    }
    switch (field->form) {
    case TB_TEXT_: tb_fit_text_(restore, &place, value, field->count, to); break;
    case TB_MANY_: tb_fit_items_(restore, &place, field, value, to); break;
    case TB_MAYBE_: tb_fit_optional_(restore, &place, field, value, to); break;
    default: tb_fit_(restore, &place, field->shape, value, "has its default", to); break;
    }
}

/** The state that older code of the mod has saved, for TB_MIGRATE. */
typedef struct tb_older {
    tb_reader_ entries_;
    uint64_t count_;
} tb_older;

/* TB_MIGRATE defines it, if the mod has one. */
TB_EXTERN_C_ __attribute__((weak)) void tb_migrate_(const tb_older *older);

TB_SHARED_ bool tb_older_get_(const tb_older *older, const tb_shape_ *shape, const char *name, uint8_t *to) {
    tb_restore_ restore = {"", false, true};
    tb_place_ place = {NULL, name, 0};
    tb_reader_ value = tb_find_(older->entries_, older->count_, name);
    return value.at != value.end && tb_fit_(&restore, &place, shape, value, "", to);
}

/** Reads the text that a field had into `size` bytes, cut if it is longer. False if there was none. */
TB_SHARED_ bool tb_older_text(const tb_older *older, const char *name, char *to, uint32_t size) {
    tb_restore_ restore = {"", false, true};
    tb_place_ place = {NULL, name, 0};
    tb_reader_ value = tb_find_(older->entries_, older->count_, name);
    if (value.at == value.end || *value.at >> 5 != TB_CBOR_TEXT_) return false;
    tb_fit_text_(&restore, &place, value, size, (uint8_t *)to);
    return true;
}

/* The fields of the saved state that nothing has taken or asked for: their number, and a note for each. */
TB_SHARED_ uint32_t tb_gone_(tb_restore_ *restore, const tb_older *older, bool is_noted) {
    tb_reader_ reader = older->entries_;
    uint32_t gone = 0;
    for (uint64_t i = 0; i < older->count_; i++) {
        tb_reader_ key = reader;
        tb_item_ item = tb_read_item_(&key);
        tb_skip_(&reader, 2);
        if (item.major != TB_CBOR_TEXT_) continue;
        gone++;
        if (!is_noted) continue;
        tb_place_ place = {NULL, "", 0};
        tb_text_ *text = tb_begin_note_(restore, &place, "");
        /* The name takes the place of the end. */
        text->len -= 2;
        for (uint32_t at = 0; at < item.number; at++) tb_put_char_(text, (char)key.at[at]);
        tb_put_text_(text, "` is gone, and with it the value that the old code saved");
        tb_end_note_(restore, TB_INFO_, text);
    }
    return gone;
}

TB_SHARED_ int32_t tb_load_(uint32_t address, uint32_t len, const char *state, const tb_shape_ *shape, uint8_t *to) {
    uint8_t *saved = (uint8_t *)(uintptr_t)address;
    tb_reader_ reader = {saved, saved + len, address == 0};
    tb_item_ map = tb_read_item_(&reader);
    tb_reader_ all = reader;
    /* The whole map is checked before anything is taken from it. */
    tb_skip_(&all, 2 * map.number);
    if (reader.is_damaged || map.major != TB_CBOR_MAP_ || map.number > len || all.is_damaged) return TB_BAD_ARGUMENT;
    tb_restore_ restore = {state, false, false};
    tb_older older = {reader, map.number};
    for (const tb_field_ *field = shape->fields; field < shape->fields + shape->count; field++)
        tb_fit_field_(&restore, NULL, field, reader, map.number, to + field->offset);
    bool is_changed = tb_gone_(&restore, &older, false) > 0 || restore.has_changed;
    if (is_changed && tb_migrate_) tb_migrate_(&older);
    if (is_changed) tb_gone_(&restore, &older, true);
    return 0;
}

#endif
