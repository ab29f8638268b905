/* Tinkerbox: the mod's state over a reload. tinkerbox.h includes this file, and README.md beside it has the rule by which a
 * state that has changed gets the values of the old one.
 *
 *   TB_STATE, TB_STATE_STRUCT, TB_STATE_ENUM   the types, and for each a table of what it consists of (`tb_shape_`)
 *   tb_write_value_                            walks the table, and writes the values as CBOR
 *   tb_load_, in tinkerbox_load.h              walks the table, and takes each value from the CBOR as far as it fits
 *   TB_MIGRATE                                 sees what was saved
 *
 * The saved state is a map of CBOR (RFC 8949), as that of mods in other languages: the name of a field to its value. */
#ifndef TINKERBOX_STATE_H
#define TINKERBOX_STATE_H

#include "tinkerbox_cbor.h"

/* --- What authors write -------------------------------------------------------------------------------------------- */

/** What survives a reload of the code: one struct `name` of fields, which are saved by their names.
 *
 *      TB_STATE(diary, TB_FIELD(uint32_t, days), TB_ARRAY(float, heights, 16), TB_STRING(title, 32));
 *
 *  An initialiser can follow, `TB_STATE(...) = {.days = 1};`: these are the defaults. */
#define TB_STATE(name, ...)                                                                                            \
    TB_SAVED_STRUCT_(struct tb_state_##name, state_##name, #name, __VA_ARGS__)                                         \
    extern struct tb_state_##name name;                                                                                \
    TB_EXTERN_C_ TB_EXPORT_("tb_save") uint64_t tb_save_##name(void);                                                  \
    TB_EXTERN_C_ TB_EXPORT_("tb_alloc") uint32_t tb_alloc_##name(uint32_t len);                                        \
    TB_EXTERN_C_ TB_EXPORT_("tb_load") int32_t tb_load_##name(uint32_t address, uint32_t len);                         \
    static struct {                                                                                                    \
        uint8_t bytes[tb_bytes_state_##name];                                                                          \
    } tb_block_##name;                                                                                                 \
    uint64_t tb_save_##name(void) {                                                                                    \
        uint8_t *block = tb_block_##name.bytes;                                                                        \
        uint8_t *end = tb_write_value_(block, &tb_shape_state_##name, (const uint8_t *)&name);                         \
        return (uint64_t)(uintptr_t)block << 32 | (uint32_t)(end - block);                                             \
    }                                                                                                                  \
    uint32_t tb_alloc_##name(uint32_t len) {                                                                           \
        return tb_alloc_(tb_block_##name.bytes, sizeof tb_block_##name.bytes, len);                                    \
    }                                                                                                                  \
    int32_t tb_load_##name(uint32_t address, uint32_t len) {                                                           \
        return tb_load_(address, len, #name, &tb_shape_state_##name, (uint8_t *)&name);                                \
    }                                                                                                                  \
    struct tb_state_##name name

/** A struct that can be the type of a field: `TB_STATE_STRUCT(Nest, TB_FIELD(uint8_t, eggs));`, and then
 *  `TB_FIELD(TB_STRUCT(Nest), nest)`. */
#define TB_STATE_STRUCT(name, ...)                                                                                     \
    typedef struct name name;                                                                                          \
    TB_SAVED_STRUCT_(struct name, name, #name, __VA_ARGS__)                                                            \
    typedef struct name name

/** An enum that can be the type of a field, and is saved by the names of its constants, which are 0, 1 and so on:
 *  `TB_STATE_ENUM(Mood, CALM, ANGRY);`, and then `TB_FIELD(TB_ENUM(Mood), mood)`. */
#define TB_STATE_ENUM(name, ...)                                                                                       \
    typedef enum name { __VA_ARGS__ } name;                                                                            \
    enum { tb_bytes_##name = 5 + sizeof(TB_MAP_(TB_VARIANT_NAME_, , __VA_ARGS__)) };                                   \
    static const tb_shape_ tb_shape_##name = {                                                                         \
        TB_IS_ENUM_, sizeof(name), "a variant of `" #name "`", NULL, TB_MAP_(TB_VARIANT_NAME_, , __VA_ARGS__),         \
        0 TB_MAP_(TB_AND_ONE_, , __VA_ARGS__)};                                                                        \
    typedef enum name name
#define TB_VARIANT_NAME_(context, variant) #variant "\0"
#define TB_AND_ONE_(context, item) +1

/** In place of a number's type in TB_FIELD, TB_ARRAY, TB_OPTIONAL and tb_older_get. */
#define TB_STRUCT(name) (name)
#define TB_ENUM(name) (name)

/** A field with one value. Names that it had before can stand behind it: `TB_FIELD(uint32_t, days, TB_WAS("tage"))`. */
#define TB_FIELD(type, name, ...) (type, name, #name, TB_ONE_, , 1, "" __VA_ARGS__)
/** A field with `count` values. */
#define TB_ARRAY(type, name, count, ...) (type, name, #name, TB_MANY_, [count], count, "" __VA_ARGS__)
/** A field that may have no value: a struct of `is_some` and `value`. */
#define TB_OPTIONAL(type, name, ...) (type, name, #name, TB_MAYBE_, , 1, "" __VA_ARGS__)
/** A field with a text that ends with a zero, of at most `size - 1` bytes. */
#define TB_STRING(name, size, ...) (char, name, #name, TB_TEXT_, [size], size, "" __VA_ARGS__)
/** The names that a field had in older versions, the newest first. */
#define TB_WAS(...) TB_INNER_MAP_(TB_WAS_NAME_, , __VA_ARGS__)
#define TB_WAS_NAME_(context, name) name "\0"

/** Runs after a state was loaded that other code has saved, if it had other fields or values of other types:
 *
 *      TB_MIGRATE(older)
 *      {
 *          uint32_t feet;
 *          if (tb_older_get(older, uint32_t, "feet", &feet)) walk.metres = feet * 0.3048;
 *      } */
#define TB_MIGRATE(older) void tb_migrate_(const tb_older *older)

/** Reads the value that a field had into `*to`, converted as fields of the state are. False, and `*to` is as it was, if there
 *  was no such field, or if its value does not fit. */
#define tb_older_get(older, type, name, to)                                                                            \
    (TB_CHECK_ASSIGNABLE_(*(to), *(TB_C_TYPE_(type) *)0), tb_older_get_((older), TB_SHAPE_(type), (name), (uint8_t *)(to)))

/* --- Tables of what types consist of ------------------------------------------------------------------------------- */

enum { TB_IS_UNSIGNED_, TB_IS_SIGNED_, TB_IS_FLOAT_, TB_IS_BOOL_, TB_IS_ENUM_, TB_IS_STRUCT_ };
enum { TB_ONE_, TB_MANY_, TB_MAYBE_, TB_TEXT_ };

/* What a value consists of. */
typedef struct tb_shape_ {
    uint32_t kind, size;
    /* As messages call it. */
    const char *words;
    const struct tb_field_ *fields;
    /* Names, each with a zero at its end. */
    const char *variants;
    /* Of fields or variants. */
    uint32_t count;
} tb_shape_;

typedef struct tb_field_ {
    const char *name;
    /* Names, each with a zero at its end, and an empty one. */
    const char *was;
    const tb_shape_ *shape;
    uint32_t form, offset, size, count;
} tb_field_;

/* Numbers by kind and size. */
static const tb_shape_ tb_scalars_[] __attribute__((unused)) = {
    {TB_IS_UNSIGNED_, 1, "a uint8_t", NULL, NULL, 0},  {TB_IS_UNSIGNED_, 2, "a uint16_t", NULL, NULL, 0},
    {TB_IS_UNSIGNED_, 4, "a uint32_t", NULL, NULL, 0}, {TB_IS_UNSIGNED_, 8, "a uint64_t", NULL, NULL, 0},
    {TB_IS_SIGNED_, 1, "an int8_t", NULL, NULL, 0},    {TB_IS_SIGNED_, 2, "an int16_t", NULL, NULL, 0},
    {TB_IS_SIGNED_, 4, "an int32_t", NULL, NULL, 0},   {TB_IS_SIGNED_, 8, "an int64_t", NULL, NULL, 0},
    {TB_IS_FLOAT_, 1, "", NULL, NULL, 0},              {TB_IS_FLOAT_, 2, "", NULL, NULL, 0},
    {TB_IS_FLOAT_, 4, "a float", NULL, NULL, 0},       {TB_IS_FLOAT_, 8, "a double", NULL, NULL, 0},
    {TB_IS_BOOL_, 1, "a bool", NULL, NULL, 0},
};

/* Two is one only as a bool, and a half is nothing as an integer. */
#define TB_KIND_(type)                                                                                                 \
    ((type)2 == (type)1       ? TB_IS_BOOL_                                                                            \
     : (type)0.5 != (type)0   ? TB_IS_FLOAT_                                                                           \
     : (type)-1 < (type)1     ? TB_IS_SIGNED_                                                                          \
                              : TB_IS_UNSIGNED_)
#define TB_LOG_OF_(size) ((size) == 1 ? 0 : (size) == 2 ? 1 : (size) == 4 ? 2 : 3)

/* A type is the name of a number, or the name of a struct or an enum in parentheses. */
#define TB_IS_NAMED_(type) TB_SECOND_(TB_PROBE_ type, 0, )
#define TB_PROBE_(...) , 1
#define TB_SECOND_(...) TB_SECOND_I_(__VA_ARGS__)
#define TB_SECOND_I_(first, second, ...) second
#define TB_CAT_(a, b) TB_CAT_I_(a, b)
#define TB_CAT_I_(a, b) a##b
#define TB_NAME_OF_(name) name
#define TB_C_TYPE_(type) TB_CAT_(TB_C_TYPE_, TB_IS_NAMED_(type))(type)
#define TB_C_TYPE_0(type) type
#define TB_C_TYPE_1(type) TB_NAME_OF_ type
#define TB_SHAPE_(type) TB_CAT_(TB_SHAPE_, TB_IS_NAMED_(type))(type)
#define TB_SHAPE_0(type) &tb_scalars_[4 * TB_KIND_(type) + TB_LOG_OF_(sizeof(type))]
#define TB_SHAPE_1(type) &TB_CAT_(tb_shape_, TB_NAME_OF_ type)
#define TB_VALUE_BYTES_(type) TB_CAT_(TB_VALUE_BYTES_, TB_IS_NAMED_(type))(type)
#define TB_VALUE_BYTES_0(type) 9
#define TB_VALUE_BYTES_1(type) TB_CAT_(tb_bytes_, TB_NAME_OF_ type)

#define TB_SAVED_STRUCT_(type, id, words, ...)                                                                         \
    type {                                                                                                             \
        TB_MAP_(TB_FIELD_MEMBER_, , __VA_ARGS__)                                                                       \
    };                                                                                                                 \
    enum { tb_bytes_##id = 5 TB_MAP_(TB_FIELD_BYTES_, , __VA_ARGS__) };                                                \
    static const tb_field_ tb_fields_##id[] = {TB_MAP_(TB_FIELD_ENTRY_, type, __VA_ARGS__)};                           \
    static const tb_shape_ tb_shape_##id = {                                                                           \
        TB_IS_STRUCT_, sizeof(type), "a `" words "`", tb_fields_##id, NULL,                                            \
        sizeof(tb_fields_##id) / sizeof(tb_fields_##id[0])};

#define TB_FIELD_MEMBER_(context, field) TB_FIELD_MEMBER_I_ field
#define TB_FIELD_MEMBER_I_(type, name, text, form, length, count, was) TB_MEMBER_TYPE_##form(TB_C_TYPE_(type)) name length;
#define TB_MEMBER_TYPE_TB_ONE_(type) type
#define TB_MEMBER_TYPE_TB_MANY_(type) type
#define TB_MEMBER_TYPE_TB_TEXT_(type) type
#define TB_MEMBER_TYPE_TB_MAYBE_(type)                                                                                 \
    struct {                                                                                                           \
        bool is_some;                                                                                                  \
        type value;                                                                                                    \
    }
#define TB_FIELD_ENTRY_(type, field) TB_FIELD_ENTRY_I_(type, TB_OPEN_TUPLE_ field)
#define TB_FIELD_ENTRY_I_(...) TB_FIELD_ENTRY_II_(__VA_ARGS__)
#define TB_FIELD_ENTRY_II_(of, type, name, text, form, length, count, was)                                             \
    {text, was, TB_SHAPE_(type), form, offsetof(of, name), sizeof(((of *)0)->name), count},
/* Heads have at most 5 bytes, names and texts also their own, and numbers at most 9. */
#define TB_FIELD_BYTES_(context, field) +TB_FIELD_BYTES_I_ field
#define TB_FIELD_BYTES_I_(type, name, text, form, length, count, was)                                                  \
    (5 + sizeof(text) + 5 + (count) * (form == TB_TEXT_ ? 1 : TB_VALUE_BYTES_(type)))
#define TB_OPEN_TUPLE_(...) __VA_ARGS__

/* --- Saving -------------------------------------------------------------------------------------------------------- */

/* The name with this number in a list of names. */
static inline const char *tb_nth_(const char *names, uint32_t number) {
    while (number-- > 0) names += tb_len_(names) + 1;
    return names;
}

TB_SHARED_ uint8_t *tb_write_field_(uint8_t *to, const tb_field_ *field, const uint8_t *value);

TB_SHARED_ uint8_t *tb_write_value_(uint8_t *to, const tb_shape_ *shape, const uint8_t *value) {
    if (shape->kind == TB_IS_STRUCT_) {
        to = tb_write_head_(to, TB_CBOR_MAP_, shape->count);
        for (const tb_field_ *field = shape->fields; field < shape->fields + shape->count; field++) {
            to = tb_write_text_(to, field->name, tb_len_(field->name));
            to = tb_write_field_(to, field, value + field->offset);
        }
        return to;
    }
    uint64_t bits = 0;
    __builtin_memcpy(&bits, value, shape->size);
    if (shape->kind == TB_IS_ENUM_ && bits < shape->count) {
        const char *name = tb_nth_(shape->variants, (uint32_t)bits);
        return tb_write_text_(to, name, tb_len_(name));
    }
    if (shape->kind == TB_IS_BOOL_) return tb_write_number_(to, bits ? 0xf5 : 0xf4, 0, 0);
    if (shape->kind == TB_IS_FLOAT_) return tb_write_number_(to, shape->size == 4 ? 0xfa : 0xfb, bits, shape->size);
    int64_t number = (int64_t)(bits << (64 - 8 * shape->size)) >> (64 - 8 * shape->size);
    if (shape->kind == TB_IS_SIGNED_ && number < 0) return tb_write_head_(to, TB_CBOR_NEGATIVE_, ~(uint64_t)number);
    return tb_write_head_(to, TB_CBOR_POSITIVE_, bits);
}

TB_SHARED_ uint8_t *tb_write_field_(uint8_t *to, const tb_field_ *field, const uint8_t *value) {
    const tb_shape_ *shape = field->shape;
    uint32_t len = 0;
    switch (field->form) {
    case TB_TEXT_:
        while (len < field->count && value[len]) len++;
        return tb_write_text_(to, (const char *)value, len);
    case TB_MAYBE_:
        if (!*value) return tb_write_number_(to, 0xf6, 0, 0);
        return tb_write_value_(to, shape, value + field->size - shape->size);
    case TB_MANY_:
        to = tb_write_head_(to, TB_CBOR_ARRAY_, field->count);
        for (uint32_t i = 0; i < field->count; i++) to = tb_write_value_(to, shape, value + i * shape->size);
        return to;
    default: return tb_write_value_(to, shape, value);
    }
}

/* Old code may have saved more than this code does: then the memory grows. */
TB_SHARED_ uint32_t tb_alloc_(uint8_t *block, uint32_t size, uint32_t len) {
    if (len <= size) return (uint32_t)(uintptr_t)block;
    size_t page = __builtin_wasm_memory_grow(0, (len + 0xffff) / 0x10000);
    return page == (size_t)-1 ? 0 : (uint32_t)(page * 0x10000);
}

#include "tinkerbox_load.h"

#endif
