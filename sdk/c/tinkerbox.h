/* Tinkerbox: mods in C, and in C++ as far as it has no run time of its own. README.md beside this file is the guide.
 *
 *   TB_SYSTEM(tire, TB_QUERY(animals, TB_WRITE(meadow_Velocity, velocity), TB_READ(meadow_Energy, energy)))
 *   {
 *       while (tb_next(animals))
 *           for (uint32_t i = 0; i < animals->rows; i++)
 *               if (animals->energy[i].joules < 1) animals->velocity[i] = (meadow_Velocity){0, 0};
 *   }
 *
 * From the ground up: the host's functions; time and random numbers; text, logs and panics; queries; events; resources;
 * commands; the mod's state; and TB_SYSTEM, which writes what a system declares into the mod's custom section. Names that
 * end in an underscore are not for authors. Nothing here allocates: what a system needs is static, and what a mod does not
 * use the linker drops.
 */
#ifndef TINKERBOX_H
#define TINKERBOX_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if !defined(__wasm32__) || !defined(__clang__)
#error "A mod is compiled by clang for wasm32: clang @flags.txt, with the file that lies beside tinkerbox.h"
#endif
#ifndef __wasm_bulk_memory__
#error "Without -mbulk-memory copies would call memcpy, which no mod has: clang @flags.txt, beside tinkerbox.h, sets it"
#endif

/** Bytes of a query's buffer: at most so much of a query is in memory at once. Define it before the #include. */
#ifndef TB_CHUNK_BYTES
#define TB_CHUNK_BYTES 16384
#endif
/** Bytes after which commands and events are sent. A single command must fit. Define it before the #include. */
#ifndef TB_BATCH_BYTES
#define TB_BATCH_BYTES 4096
#endif

/** Columns in one query. */
#define TB_COLUMNS_MAX 12
/** Streams of random numbers. */
#define TB_RANDOM_STREAMS 64
/** Bytes of one log message; a longer one is cut. */
#define TB_LOG_BYTES_MAX 1024

#ifdef __cplusplus
extern "C" {
#endif

/** An entity's id. It can be kept from tick to tick, and is never given to another entity. */
typedef uint64_t tb_entity;
/** The id that no entity has. */
#define TB_NO_ENTITY ((tb_entity)0)

/** Why the host did not do what a mod asked for. */
enum tb_error {
    TB_DENIED = -1,       /**< [permissions] in mod.toml does not allow it. */
    TB_GONE = -2,         /**< The entity or resource does not exist (any more). */
    TB_NO_ROOM = -3,      /**< The buffer is too small, or the mod has reached its limit for this tick. */
    TB_BAD_ARGUMENT = -4, /**< An argument is not valid. */
    TB_NOT_NOW = -6,      /**< Possible only while a system runs. */
};

/** Why the host has made a new instance: the argument of TB_INIT. */
enum tb_init_reason {
    TB_NEW = 0,      /**< The mod has just been loaded. */
    TB_RELOADED = 2, /**< Its code was changed; the saved state has been loaded. */
    TB_FAULTED = 3,  /**< The previous instance faulted. */
};

enum tb_level_ { TB_ERROR_, TB_WARN_, TB_INFO_, TB_DEBUG_, TB_TRACE_ };

/* --- The host's functions ------------------------------------------------------------------------------------------ */

#define TB_HOST_(name) __attribute__((import_module("tinkerbox1"), import_name(name))) extern
/* A function that is once in the mod, instead of at each of its calls. */
#define TB_SHARED_ static __attribute__((unused, noinline))
#define TB_EXPORT_(name) __attribute__((export_name(name), visibility("default")))

TB_HOST_("view_next") int32_t tb_host_view_next(uint32_t query, void *view, void *buffer, uint32_t buffer_len);
TB_HOST_("get") int32_t tb_host_get(uint32_t query, uint32_t column, tb_entity entity, void *value);
TB_HOST_("set") int32_t tb_host_set(uint32_t query, uint32_t column, tb_entity entity, const void *value);
TB_HOST_("command") int32_t tb_host_command(const void *records, uint32_t len);
TB_HOST_("entity_reserve") int32_t tb_host_entity_reserve(tb_entity *ids, uint32_t count);
TB_HOST_("event_next") int32_t tb_host_event_next(void *events, uint32_t len);
TB_HOST_("event_send") int32_t tb_host_event_send(uint32_t event, const void *events, uint32_t len);
TB_HOST_("resource_get") int32_t tb_host_resource_get(uint32_t resource, void *value);
TB_HOST_("resource_set") int32_t tb_host_resource_set(uint32_t resource, const void *value);
TB_HOST_("log") void tb_host_log(int32_t level, const char *text, uint32_t len);
TB_HOST_("panic") void tb_host_panic(const char *text, uint32_t len);
TB_HOST_("random") uint64_t tb_host_random(uint32_t stream);

/** The number of the simulation's tick. */
TB_HOST_("tick") uint64_t tb_tick(void);
/** The seconds of simulation that this tick covers. */
TB_HOST_("delta") float tb_delta(void);
/** The fuel left in the mod's budget. */
TB_HOST_("fuel_left") uint64_t tb_fuel_left(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

/** Whether as many seconds of simulation have passed since this was last true; also true in tick 0. */
static inline bool tb_every(float seconds) {
    float ticks = __builtin_floorf(seconds / tb_delta() + 0.5f);
    return tb_tick() % (ticks < 18446744073709551616.0f ? ticks > 1 ? (uint64_t)ticks : 1 : ~(uint64_t)0) == 0;
}

#ifdef __cplusplus
#define TB_EXTERN_C_ extern "C"
#else
#define TB_EXTERN_C_
#endif

/* --- Random numbers ------------------------------------------------------------------------------------------------ */

/** 64 random bits from one of the mod's streams, 0 to 63: draws from one do not change those from another. */
static inline uint64_t tb_random_bits(uint32_t stream) { return tb_host_random(stream); }

/** A random number from 0 up to, but not including, 1, from one of the mod's streams. */
static inline float tb_random_from(uint32_t stream) {
    /* The upper 24 bits: a float holds as many exactly, so the result never rounds up to 1. */
    return (float)(uint32_t)(tb_random_bits(stream) >> 40) / 16777216.0f;
}

/** A random number from 0 up to, but not including, 1. */
static inline float tb_random(void) { return tb_random_from(0); }

/** A random number from `start` up to `end`. */
static inline float tb_random_range(float start, float end) { return start + (end - start) * tb_random(); }

/** A random number from `start` up to `end`, from one of the mod's streams. */
static inline float tb_random_range_from(uint32_t stream, float start, float end) {
    return start + (end - start) * tb_random_from(stream);
}

/* --- Text ---------------------------------------------------------------------------------------------------------- */

/* A message while it is put together; what does not fit is cut. */
typedef struct tb_text_ {
    uint32_t len;
    char bytes[TB_LOG_BYTES_MAX];
} tb_text_;

static inline void tb_put_char_(tb_text_ *text, char c) {
    if (text->len < sizeof text->bytes) text->bytes[text->len++] = c;
}

TB_SHARED_ void tb_put_text_(tb_text_ *text, const char *part) {
    while (*part) tb_put_char_(text, *part++);
}

TB_SHARED_ void tb_put_first_(tb_text_ *text, const char *part, uint32_t most) {
    while (most-- > 0 && *part) tb_put_char_(text, *part++);
}

TB_SHARED_ void tb_put_number_(tb_text_ *text, uint64_t number, uint32_t base, uint32_t digits) {
    char reversed[24];
    uint32_t len = 0;
    do {
        reversed[len++] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number > 0);
    while (digits-- > len) tb_put_char_(text, '0');
    while (len > 0) tb_put_char_(text, reversed[--len]);
}

TB_SHARED_ void tb_put_signed_(tb_text_ *text, int64_t number) {
    if (number < 0) tb_put_char_(text, '-');
    tb_put_number_(text, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, 10, 1);
}

/* `number` with `digits` digits after the point, at most 9; with an exponent if it has more than 18 before it. */
TB_SHARED_ void tb_put_float_(tb_text_ *text, double number, uint32_t digits) {
    if (number != number) {
        tb_put_text_(text, "nan");
        return;
    }
    if (__builtin_signbit(number)) tb_put_char_(text, '-');
    number = __builtin_fabs(number);
    if (number > 1.7976931348623157e308) {
        tb_put_text_(text, "inf");
        return;
    }
    uint32_t exponent = 0, scale = 1;
    if (number >= 1e18)
        for (; number >= 10; exponent++) number /= 10;
    digits = digits < 9 ? digits : 9;
    for (uint32_t i = 0; i < digits; i++) scale *= 10;
    uint64_t whole = (uint64_t)number;
    double scaled = (number - (double)whole) * scale;
    uint64_t part = (uint64_t)scaled;
    /* The nearest; of two that are as near, the even one. */
    double rest = scaled - (double)part;
    if (rest > 0.5 || (rest == 0.5 && (digits > 0 ? part : whole) % 2 == 1)) part++;
    if (part >= scale) {
        whole++;
        part -= scale;
    }
    tb_put_number_(text, whole, 10, 1);
    if (digits > 0) {
        tb_put_char_(text, '.');
        tb_put_number_(text, part, 10, digits);
    }
    if (exponent > 0) {
        tb_put_text_(text, "e+");
        tb_put_number_(text, exponent, 10, 2);
    }
}

/* What printf does with: %% %c %s %.Ns %.*s %d %i %u %x %ld %lu %lld %llu %lx %llx %zu %f %.Nf. */
TB_SHARED_ void tb_put_format_(tb_text_ *text, const char *format, va_list arguments) {
    for (; *format; format++) {
        if (*format != '%') {
            tb_put_char_(text, *format);
            continue;
        }
        uint32_t digits = 6, most = ~0u, is_long = 0;
        format++;
        if (*format == '.') {
            digits = 0;
            if (*++format == '*') {
                digits = (uint32_t)va_arg(arguments, int);
                format++;
            }
            for (; *format >= '0' && *format <= '9'; format++) digits = 10 * digits + (uint32_t)(*format - '0');
            most = digits;
        }
        /* `long` and `size_t` have 32 bits here. */
        for (; *format == 'l' || *format == 'z'; format++) is_long += *format == 'l';
        switch (*format) {
        case 'c': tb_put_char_(text, (char)va_arg(arguments, int)); break;
        case 's': tb_put_first_(text, va_arg(arguments, const char *), most); break;
        case 'f': tb_put_float_(text, va_arg(arguments, double), digits); break;
        case 'd':
        case 'i': tb_put_signed_(text, is_long > 1 ? va_arg(arguments, int64_t) : va_arg(arguments, int32_t)); break;
        case 'u':
        case 'x':
            tb_put_number_(text, is_long > 1 ? va_arg(arguments, uint64_t) : va_arg(arguments, uint32_t),
                           *format == 'u' ? 10 : 16, 1);
            break;
        case '\0': return;
        default: tb_put_char_(text, *format); break;
        }
    }
}

/* --- Logs and panics ----------------------------------------------------------------------------------------------- */

TB_SHARED_ __attribute__((format(printf, 2, 3))) void tb_log_formatted_(int32_t level, const char *format, ...) {
    static tb_text_ text;
    va_list arguments;
    va_start(arguments, format);
    text.len = 0;
    tb_put_format_(&text, format, arguments);
    va_end(arguments);
    tb_host_log(level, text.bytes, text.len);
}

static inline __attribute__((noreturn)) void tb_panic_text_(const char *text, uint32_t len) {
    tb_host_panic(text, len);
    __builtin_trap();
}

TB_SHARED_ __attribute__((noreturn, format(printf, 1, 2))) void tb_panic_formatted_(const char *format, ...) {
    static tb_text_ text;
    va_list arguments;
    va_start(arguments, format);
    text.len = 0;
    tb_put_format_(&text, format, arguments);
    va_end(arguments);
    tb_panic_text_(text.bytes, text.len);
}

/* Only messages with arguments need the formatter, so that others stay small. */
#define TB_FIRST_(first, ...) first
#define TB_STRING_(x) TB_STRING_OF_(x)
#define TB_STRING_OF_(x) #x
#define TB_LOG_TEXT_(level, text) tb_host_log(level, text, sizeof(text) - 1)
#define TB_PANIC_TEXT_(text) tb_panic_text_(text, sizeof(text) - 1)
#define TB_LOG_(level, format, ...) \
    TB_FIRST_(__VA_OPT__(tb_log_formatted_, ) TB_LOG_TEXT_, )(level, "" format __VA_OPT__(, ) __VA_ARGS__)
#define TB_HERE_ "panicked at " __FILE_NAME__ ":" TB_STRING_(__LINE__) ":\n"

/** A message for the author: a literal, as for printf; see the guide for what can stand after %. */
#define tb_error(...) TB_LOG_(TB_ERROR_, __VA_ARGS__)
#define tb_warn(...) TB_LOG_(TB_WARN_, __VA_ARGS__)
#define tb_info(...) TB_LOG_(TB_INFO_, __VA_ARGS__)
#define tb_debug(...) TB_LOG_(TB_DEBUG_, __VA_ARGS__)
#define tb_trace(...) TB_LOG_(TB_TRACE_, __VA_ARGS__)

/** Ends the mod's run with a message, which the game shows with the file and the line. Nothing that the system has done
 *  takes effect. */
#define tb_panic(format, ...) \
    TB_FIRST_(__VA_OPT__(tb_panic_formatted_, ) TB_PANIC_TEXT_, )(TB_HERE_ format __VA_OPT__(, ) __VA_ARGS__)

/** Panics unless the condition is true. */
#define tb_assert(condition) \
    ((condition) ? (void)0 : TB_PANIC_TEXT_(TB_HERE_ "assertion failed: " TB_STRING_OF_(condition)))

/** Writes a text as a log message is written, into `size` bytes, cut if it is longer, and with a zero at its end. */
TB_SHARED_ __attribute__((format(printf, 3, 4))) void tb_format(char *to, uint32_t size, const char *format, ...) {
    static tb_text_ text;
    va_list arguments;
    va_start(arguments, format);
    text.len = 0;
    tb_put_format_(&text, format, arguments);
    va_end(arguments);
    uint32_t len = text.len < size ? text.len : size - 1;
    /* Not in the middle of a character. */
    while (len < text.len && len > 0 && (text.bytes[len] & 0xc0) == 0x80) len--;
    for (uint32_t i = 0; i < len; i++) to[i] = text.bytes[i];
    to[len] = 0;
}

/** Sets a text field of a shared type, an array of `char`, cut if the text is longer: `tb_set_text(animal->name, "Ada")`. It
 *  has no zero behind it if it is full, so write it to messages with `%.*s` and TB_TEXT. */
#define tb_set_text(field, text) tb_set_text_((field), sizeof(field), (text))
/** A text field as the two arguments of `%.*s`. */
#define TB_TEXT(field) (int)sizeof(field), (field)

TB_SHARED_ void tb_set_text_(char *to, uint32_t size, const char *text) {
    uint32_t len = 0;
    while (len < size && text[len]) len++;
    /* Not in the middle of a character. */
    while (len > 0 && (text[len] & 0xc0) == 0x80) len--;
    for (uint32_t i = 0; i < len; i++) to[i] = text[i];
    __builtin_memset(to + len, 0, size - len);
}

/** The name and the meaning of an error. */
TB_SHARED_ const char *tb_error_text(int32_t error) {
    switch (error) {
    case TB_DENIED: return "DENIED (-1): [permissions] in mod.toml does not allow it";
    case TB_GONE: return "GONE (-2): the entity or resource does not exist (any more)";
    case TB_NO_ROOM: return "NO_ROOM (-3): the buffer is too small, or the mod has reached its limit for this tick";
    case TB_BAD_ARGUMENT: return "BAD_ARGUMENT (-4): an argument is not valid";
    case TB_NOT_NOW: return "NOT_NOW (-6): possible only while a system runs";
    default: return "an unknown error";
    }
}

/* Logs that the host has refused something, once for each reason: `refused` remembers them. */
TB_SHARED_ void tb_log_refusal_(uint32_t *refused, const char *what, int32_t error, const char *advice) {
    static tb_text_ text;
    uint32_t reason = 1u << (-error & 31);
    if (*refused & reason) return;
    *refused |= reason;
    text.len = 0;
    tb_put_text_(&text, what);
    tb_put_text_(&text, " were refused: ");
    tb_put_text_(&text, tb_error_text(error));
    tb_put_text_(&text, advice);
    tb_host_log(TB_ERROR_, text.bytes, text.len);
}

/* --- Queries ------------------------------------------------------------------------------------------------------- */

/** Fetches the next chunk of a query, and takes back the previous one. False at the end.
 *
 *  In a chunk, `query->rows` is the number of rows, and each column is an array of as many values, by the name that the
 *  query gives it; the array of an optional column is NULL where the rows lack it. Values that are written to the arrays
 *  of TB_WRITE columns take effect when the system has finished. */
#define tb_next(query) tb_next_(TB_INDEX_(query), (query), (query)->buffer_, TB_BUFFER_BYTES_(query))

/** Fetches the only row of a query without optional columns. False if there is none, or more than one. */
#define tb_single(query) (tb_next(query) && (query)->rows == 1)

/** Counts the rows of a query, which is then at its end. */
#define tb_count(query) tb_count_(TB_INDEX_(query), (query), (query)->buffer_, TB_BUFFER_BYTES_(query), &(query)->rows)

/** Reads one entity's value of a column into `*value`. False if the query does not match the entity, or if the column is
 *  optional and the entity lacks it. */
#define tb_get(query, column, entity, value)                        \
    (TB_CHECK_ASSIGNABLE_(*(value), *(query)->column),              \
     tb_some_(tb_host_get(TB_INDEX_(query), TB_COLUMN_(query, column), (entity), (value)), "a value"))

/** Sets one entity's value of a TB_WRITE column to the one at `value`. False if the query does not match the entity. */
#define tb_set(query, column, entity, value)                        \
    (TB_CHECK_ASSIGNABLE_(*(query)->column, *(value)),              \
     tb_done_(tb_host_set(TB_INDEX_(query), TB_COLUMN_(query, column), (entity), (value)), "a value"))

/* An index is the length of an array type less one, so it is a constant and takes no memory. */
#define TB_INDEX_(parameter) ((uint32_t)sizeof(*(parameter)->index_) - 1)
#define TB_BUFFER_BYTES_(query) ((uint32_t)sizeof((query)->buffer_))
#define TB_COLUMN_(query, column)                                   \
    ((uint32_t)((offsetof(__typeof__(*(query)), column) - offsetof(__typeof__(*(query)), column_)) / sizeof(void *)))
/* Compiled, never run: makes values of another type, and writing to what is only read, errors of the compiler. */
#define TB_CHECK_ASSIGNABLE_(place, value) ((void)(1 ? 0 : ((place) = (value), 0)))

TB_SHARED_ __attribute__((noreturn, cold)) void tb_refused_(const char *what, int32_t error) {
    tb_panic_formatted_("the host refused %s: %s", what, tb_error_text(error));
}

static inline bool tb_next_(uint32_t index, void *view, void *buffer, uint32_t len) {
    int32_t rows = tb_host_view_next(index, view, buffer, len);
    /* A query is refused outside of systems only, where there is none. */
    if (rows < 0) TB_PANIC_TEXT_("the host refused a query");
    return rows > 0;
}

static inline uint32_t tb_count_(uint32_t index, void *view, void *buffer, uint32_t len, const uint32_t *rows) {
    uint32_t count = 0;
    while (tb_next_(index, view, buffer, len)) count += *rows;
    return count;
}

static inline bool tb_done_(int32_t code, const char *what) {
    if (code < 0 && code != TB_GONE) tb_refused_(what, code);
    return code >= 0;
}

static inline bool tb_some_(int32_t code, const char *what) { return tb_done_(code, what) && code > 0; }

/* --- Events and removals ------------------------------------------------------------------------------------------- */

/** Fetches events of TB_ON: `events->count` of them, in the array `events->events`; or entities of TB_ON_ADDED and its like, in the
 *  array `removed->entities`. False at the end. */
#define tb_receive(on) tb_receive_((on)->items_, sizeof((on)->items_), &(on)->count)

static inline bool tb_receive_(void *events, uint32_t len, uint32_t *count) {
    int32_t code = tb_host_event_next(events, len);
    if (code < 0) tb_refused_("the system's events", code);
    *count = (uint32_t)code;
    return code > 0;
}

/** Sends the event at a pointer, `tb_send(penalties, &(race_Penalty){ .car = car })`, with others when the system has
 *  finished. If the host refuses it, this is logged once for each reason. */
#define tb_send(writer, ...)                                        \
    ((writer)->waiting_[(writer)->count_++] = *(__VA_ARGS__),       \
     (writer)->count_ < sizeof((writer)->waiting_) / sizeof((writer)->waiting_[0]) ? (void)0 : TB_FLUSH_EVENTS_(writer))

#define TB_FLUSH_EVENTS_(writer)                                    \
    tb_flush_events_(TB_INDEX_(writer), (writer)->waiting_, sizeof((writer)->waiting_[0]), &(writer)->count_, \
                     &(writer)->refused_)

TB_SHARED_ void tb_flush_events_(uint32_t index, const void *events, uint32_t size, uint32_t *count,
                                    uint32_t *refused) {
    if (*count == 0) return;
    int32_t code = tb_host_event_send(index, events, *count * size);
    *count = 0;
    if (code < 0) tb_log_refusal_(refused, "events", code, "");
}

/* --- Resources ----------------------------------------------------------------------------------------------------- */

/** Reads a resource into `resource->value`. False if the game does not have it at the moment. */
#define tb_fetch(resource) tb_some_(tb_host_resource_get(TB_INDEX_(resource), &(resource)->value), "a resource")

/** Sets a TB_WRITE_RESOURCE to `resource->value` when the system has finished. False if the game does not have it at the
 *  moment. */
#define tb_store(resource)                                          \
    ((void)sizeof((resource)->is_written_),                         \
     tb_done_(tb_host_resource_set(TB_INDEX_(resource), &(resource)->value), "a resource"))

/* --- Commands ------------------------------------------------------------------------------------------------------ */

enum { TB_SPAWN_ = 1, TB_DESPAWN_, TB_INSERT_, TB_REMOVE_, TB_BATCH_WORDS_ = TB_BATCH_BYTES / 8, TB_IDS_MAX_ = 64 };
/* A record takes no components, or takes them, or is one for no entity, which is dropped with them. */
enum { TB_CLOSED_, TB_OPEN_, TB_DROPPED_ };

/** Structural changes: they are applied in order when the system has finished. If the host refuses them, this is logged
 *  once for each reason. */
typedef struct tb_commands {
    /* Words in use, where the last record begins, and whether components can be put into it. */
    uint32_t len_, last_, state_;
    /* Ids that are reserved and not used yet: [next_id_, ids_). */
    uint32_t next_id_, ids_, next_batch_;
    uint32_t refused_;
    uint64_t records_[TB_BATCH_WORDS_];
    tb_entity reserved_[TB_IDS_MAX_];
} tb_commands;

TB_SHARED_ void tb_log_commands_refusal_(tb_commands *commands, int32_t error) {
    tb_log_refusal_(&commands->refused_, "commands", error,
                    error == TB_DENIED ? ". Add there `spawn = true` to spawn, `despawn = true` to despawn, and to `write` "
                                         "the components that are spawned, inserted or removed"
                                       : "");
}

/** Sends the commands now. Returns 0 or an error, and then none of those that were sent together is applied. */
TB_SHARED_ int32_t tb_send_commands(tb_commands *commands) {
    if (commands->len_ == 0) return 0;
    int32_t code = tb_host_command(commands->records_, commands->len_ * 8);
    commands->len_ = commands->last_ = 0;
    commands->state_ = TB_CLOSED_;
    return code;
}

TB_SHARED_ void tb_finish_commands_(tb_commands *commands) {
    int32_t code = tb_send_commands(commands);
    if (code < 0) tb_log_commands_refusal_(commands, code);
    commands->next_id_ = commands->ids_ = commands->next_batch_ = 0;
}

/* Room for words at the end. All records but the last, which may still grow, are sent if there is none. */
TB_SHARED_ uint64_t *tb_room_(tb_commands *commands, uint32_t words) {
    if (commands->len_ + words > TB_BATCH_WORDS_) {
        uint32_t last = commands->last_, kept = commands->len_ - last;
        int32_t code = last > 0 ? tb_host_command(commands->records_, last * 8) : 0;
        if (code < 0) tb_log_commands_refusal_(commands, code);
        for (uint32_t i = 0; i < kept; i++) commands->records_[i] = commands->records_[last + i];
        commands->len_ = kept;
        commands->last_ = 0;
        if (kept + words > TB_BATCH_WORDS_)
            TB_PANIC_TEXT_("a command does not fit: define TB_BATCH_BYTES larger before the #include of tinkerbox.h");
    }
    uint64_t *room = &commands->records_[commands->len_];
    commands->len_ += words;
    return room;
}

/* Begins a record. False for no entity. */
TB_SHARED_ bool tb_record_(tb_commands *commands, uint32_t op, tb_entity entity) {
    commands->last_ = commands->len_;
    commands->state_ = entity == TB_NO_ENTITY ? TB_DROPPED_ : op == TB_SPAWN_ || op == TB_INSERT_ ? TB_OPEN_ : TB_CLOSED_;
    if (entity == TB_NO_ENTITY) return false;
    uint64_t *head = tb_room_(commands, 2);
    commands->last_ = commands->len_ - 2;
    head[0] = op;
    head[1] = entity;
    return true;
}

TB_SHARED_ int32_t tb_next_id_(tb_commands *commands, tb_entity *id) {
    if (commands->next_id_ == commands->ids_) {
        /* Batches grow, so that a system that spawns little reserves little. The mod may have room for fewer. */
        uint32_t count = commands->next_batch_ > 0 ? commands->next_batch_ : 1;
        int32_t code = tb_host_entity_reserve(commands->reserved_, count);
        if (code == TB_NO_ROOM && count > 1) code = tb_host_entity_reserve(commands->reserved_, count = 1);
        commands->next_id_ = commands->ids_ = 0;
        if (code < 0) return code;
        commands->ids_ = count;
        commands->next_batch_ = 2 * count < TB_IDS_MAX_ ? 2 * count : TB_IDS_MAX_;
    }
    *id = commands->reserved_[commands->next_id_++];
    return 0;
}

/** Spawns an entity with the components that are put next. Its id can be used at once. If the host refuses, it is
 *  TB_NO_ENTITY, and everything that is done to that does nothing. */
static inline tb_entity tb_spawn(tb_commands *commands) {
    tb_entity entity = TB_NO_ENTITY;
    int32_t code = tb_next_id_(commands, &entity);
    if (code < 0) tb_log_commands_refusal_(commands, code);
    tb_record_(commands, TB_SPAWN_, entity);
    return entity;
}

/** The same, and returns 0 or an error. The id is in `*entity`. */
static inline int32_t tb_try_spawn(tb_commands *commands, tb_entity *entity) {
    *entity = TB_NO_ENTITY;
    int32_t code = tb_next_id_(commands, entity);
    tb_record_(commands, TB_SPAWN_, *entity);
    return code;
}

/** Inserts the components that are put next into an entity. It does nothing if the entity does not exist any more. */
TB_SHARED_ void tb_insert(tb_commands *commands, tb_entity entity) { tb_record_(commands, TB_INSERT_, entity); }

/** Despawns an entity. It does nothing if the entity does not exist any more. */
static inline void tb_despawn(tb_commands *commands, tb_entity entity) {
    tb_record_(commands, TB_DESPAWN_, entity);
}

/** Removes a component from an entity: `tb_remove(commands, tuft, meadow_Grass)`. */
#define tb_remove(commands, entity, component) tb_remove_(commands, entity, component##_KEY)

/** Puts a component into the entity that was spawned or inserted into last: `tb_put(commands, meadow_Energy, &energy)`. */
#define tb_put(commands, component, ...)                            \
    (TB_CHECK_ASSIGNABLE_(*(component *)0, *(__VA_ARGS__)),         \
     tb_put_(commands, component##_KEY, __VA_ARGS__, sizeof(component)))

/** Puts a component without values, a marker. */
#define tb_put_marker(commands, component) tb_put_(commands, component##_KEY, NULL, 0)

TB_SHARED_ void tb_remove_(tb_commands *commands, tb_entity entity, uint64_t key) {
    if (!tb_record_(commands, TB_REMOVE_, entity)) return;
    *tb_room_(commands, 1) = key;
    commands->records_[commands->last_] += (uint64_t)1 << 32;
}

TB_SHARED_ void tb_put_(tb_commands *commands, uint64_t key, const void *value, uint32_t size) {
    if (commands->state_ == TB_DROPPED_) return;
    if (commands->state_ == TB_CLOSED_) TB_PANIC_TEXT_("tb_put comes after tb_spawn or tb_insert, or another tb_put");
    uint32_t words = (size + 7) / 8;
    uint64_t *component = tb_room_(commands, 2 + words);
    component[0] = key;
    component[1] = size;
    if (words > 0) component[1 + words] = 0;
    __builtin_memcpy(component + 2, value, size);
    commands->records_[commands->last_] += (uint64_t)1 << 32;
}

/* --- The mod's state ----------------------------------------------------------------------------------------------- */

#include "tinkerbox_state.h"

/* --- Systems ------------------------------------------------------------------------------------------------------- */

/** A function that the game calls once a tick. Its parameters declare what it reads and changes, and are pointers of their
 *  names in its body:
 *
 *      TB_QUERY(name, columns and filters..)   rows of the world: tb_next, tb_count, tb_get, tb_set
 *          TB_READ(Type, field), TB_WRITE(Type, field)               an array of values
 *          TB_MAYBE_READ(Type, field), TB_MAYBE_WRITE(Type, field)   the same, or NULL for rows without
 *          TB_ENTITIES(field)                                        the rows' ids
 *          TB_WITH(Type), TB_WITHOUT(Type)                           only rows that have it, or lack it
 *          TB_CHANGED(Type), TB_ADDED(Type)                          only rows whose value was added or changed, or was
 *                                                                    added, since the last run
 *      TB_COMMANDS(name)                       tb_spawn, tb_insert, tb_put, tb_remove, tb_despawn
 *      TB_ON(Type, name)                       events for which the system is called: tb_receive
 *      TB_ON_ADDED(Type, name)                 the same for entities to which a component was added
 *      TB_ON_REMOVED(Type, name)               for those from which it was removed, or that were despawned with it
 *      TB_ON_DESPAWNED(Type, name)             for those that were despawned with it
 *      TB_SEND(Type, name)                     a way to send events: tb_send
 *      TB_READ_RESOURCE(Type, name)            a resource: tb_fetch
 *      TB_WRITE_RESOURCE(Type, name)           the same, and tb_store
 *      TB_AFTER("system", ..), TB_BEFORE(..)   its order among systems, "mod:system" for those of other mods
 */
#define TB_SYSTEM(name, ...)                                                                                           \
    __asm__(".section .custom_section.tinkerbox.schema,\"\",@\n"                                                       \
            TB_LINE_("[[system]]")                                                                                     \
            TB_LINE_("name = '" #name "'")                                                                             \
            TB_LINE_("source = { crate = 'c', file = '" __FILE_NAME__ "', position = [" TB_STRING_(__LINE__) "] }")    \
            TB_MAP_(TB_HEAD_, name, __VA_ARGS__)                                                                       \
            TB_MAP_(TB_TABLE_, name, __VA_ARGS__)                                                                      \
            ".text\n");                                                                                                \
    enum { tb_queries_before_##name = -1 TB_MAP_(TB_QUERY_INDEX_, name, __VA_ARGS__) };                                \
    enum { tb_resources_before_##name = -1 TB_MAP_(TB_RESOURCE_INDEX_, name, __VA_ARGS__) };                           \
    enum { tb_sends_before_##name = -1 TB_MAP_(TB_SEND_INDEX_, name, __VA_ARGS__) };                                   \
    TB_MAP_(TB_TYPE_, name, __VA_ARGS__)                                                                               \
    static inline void name(int tb_system_ TB_MAP_(TB_PARAMETER_, name, __VA_ARGS__));                                 \
    TB_EXTERN_C_ TB_EXPORT_("sys_" #name) void tb_run_##name(void);                                                    \
    void tb_run_##name(void) {                                                                                         \
        TB_MAP_(TB_VALUE_, name, __VA_ARGS__)                                                                          \
        name(0 TB_MAP_(TB_ARGUMENT_, name, __VA_ARGS__));                                                              \
        TB_MAP_(TB_END_, name, __VA_ARGS__)                                                                            \
    }                                                                                                                  \
    static inline void name(int tb_system_ __attribute__((unused)) TB_MAP_(TB_PARAMETER_, name, __VA_ARGS__))

#define TB_QUERY(name, ...) (QUERY_, name, __VA_ARGS__)
#define TB_COMMANDS(name) (COMMANDS_, name)
#define TB_ON(type, name) (ON_, name, type, events, "event = '" type##_ID "', layout = '" type##_LAYOUT "'")
#define TB_ON_ADDED(type, name) (ON_, name, tb_entity, entities, "added = '" type##_ID "'")
#define TB_ON_REMOVED(type, name) (ON_, name, tb_entity, entities, "removed = '" type##_ID "'")
#define TB_ON_DESPAWNED(type, name) (ON_, name, tb_entity, entities, "despawned = '" type##_ID "'")
#define TB_SEND(type, name) (SEND_, name, type)
#define TB_READ_RESOURCE(type, name) (RESOURCE_, name, type, "read", )
#define TB_WRITE_RESOURCE(type, name) (RESOURCE_, name, type, "write", char is_written_;)
#define TB_AFTER(...) (ORDER_, "after", __VA_ARGS__)
#define TB_BEFORE(...) (ORDER_, "before", __VA_ARGS__)

#define TB_READ(type, name) (COLUMN_, name, type, const type, "read", "false")
#define TB_WRITE(type, name) (COLUMN_, name, type, type, "write", "false")
#define TB_MAYBE_READ(type, name) (COLUMN_, name, type, const type, "read", "true")
#define TB_MAYBE_WRITE(type, name) (COLUMN_, name, type, type, "write", "true")
#define TB_ENTITIES(name) (COLUMN_, name, tb_entity, const tb_entity, "read", "false")
#define TB_WITH(type) (WITH_, type)
#define TB_WITHOUT(type) (WITHOUT_, type)
#define TB_CHANGED(type) (CHANGED_, type)
#define TB_ADDED(type) (ADDED_, type)

#define tb_entity_ID "entity"
#define tb_entity_LAYOUT "u64"

/** Runs once on a new instance of the mod, with a tb_init_reason: `TB_INIT(reason) { .. }`. No system is running then. */
#define TB_INIT(reason)                                                                                                \
    TB_EXTERN_C_ TB_EXPORT_("tb_init") void tb_init_export_(int32_t reason);                                           \
    void tb_init_export_(int32_t reason)

/* Applies a macro to each argument, with a context before it. The preprocessor expands no macro within itself, so a step
 * leaves the next one to a further scan: there are enough for 80 arguments. The second set, of fewer, is for lists within
 * lists. */
#define TB_PARENS_ ()
#define TB_MAP_(macro, context, ...) __VA_OPT__(TB_SCAN_(TB_MAP_STEP_(macro, context, __VA_ARGS__)))
#define TB_MAP_STEP_(macro, context, item, ...)                                                                        \
    macro(context, item) __VA_OPT__(TB_MAP_AGAIN_ TB_PARENS_(macro, context, __VA_ARGS__))
#define TB_MAP_AGAIN_() TB_MAP_STEP_
#define TB_SCAN_(...) TB_SCAN_5_(TB_SCAN_5_(TB_SCAN_5_(TB_SCAN_5_(__VA_ARGS__))))
#define TB_SCAN_5_(...) TB_SCAN_4_(TB_SCAN_4_(TB_SCAN_4_(TB_SCAN_4_(__VA_ARGS__))))
#define TB_SCAN_4_(...) TB_SCAN_3_(TB_SCAN_3_(TB_SCAN_3_(TB_SCAN_3_(__VA_ARGS__))))
#define TB_SCAN_3_(...) __VA_ARGS__
#define TB_INNER_MAP_(macro, context, ...) __VA_OPT__(TB_INNER_SCAN_(TB_INNER_STEP_(macro, context, __VA_ARGS__)))
#define TB_INNER_STEP_(macro, context, item, ...)                                                                      \
    macro(context, item) __VA_OPT__(TB_INNER_AGAIN_ TB_PARENS_(macro, context, __VA_ARGS__))
#define TB_INNER_AGAIN_() TB_INNER_STEP_
#define TB_INNER_SCAN_(...) TB_INNER_SCAN_4_(TB_INNER_SCAN_4_(TB_INNER_SCAN_4_(TB_INNER_SCAN_4_(__VA_ARGS__))))
#define TB_INNER_SCAN_4_(...) TB_INNER_SCAN_3_(TB_INNER_SCAN_3_(TB_INNER_SCAN_3_(TB_INNER_SCAN_3_(__VA_ARGS__))))
#define TB_INNER_SCAN_3_(...) __VA_ARGS__

/* A parameter is a tuple that begins with its kind: each stage has a macro for each kind. */
#define TB_AT_(stage, system, tuple) TB_AT_I_(stage, system, TB_OPEN_TUPLE_ tuple)
#define TB_AT_I_(...) TB_AT_II_(__VA_ARGS__)
#define TB_AT_II_(stage, system, kind, ...) stage##kind(system, __VA_ARGS__)

#define TB_LINE_(text) "\t.ascii \"" text "\\n\"\n"

/* Keys of the system itself, which stand before its tables. */
#define TB_HEAD_(system, tuple) TB_AT_(TB_HEAD_, system, tuple)
#define TB_HEAD_QUERY_(...)
#define TB_HEAD_COMMANDS_(...) TB_LINE_("commands = true")
#define TB_HEAD_ON_(system, name, type, items, trigger) TB_LINE_("on = { " trigger " }")
#define TB_HEAD_SEND_(...)
#define TB_HEAD_RESOURCE_(...)
#define TB_HEAD_ORDER_(system, key, ...) TB_LINE_(key " = [" TB_INNER_MAP_(TB_QUOTED_, , __VA_ARGS__) "]")
#define TB_QUOTED_(context, text) "'" text "', "

/* Its tables, in the order of the parameters. */
#define TB_TABLE_(system, tuple) TB_AT_(TB_TABLE_, system, tuple)
#define TB_TABLE_QUERY_(system, name, ...)                                                                             \
    TB_LINE_("[[system.query]]")                                                                                       \
    TB_LINE_("columns = [" TB_INNER_MAP_(TB_COLUMN_TEXT_, TB_COLUMNS_, __VA_ARGS__) "]")                               \
    TB_LINE_("with = [" TB_INNER_MAP_(TB_COLUMN_TEXT_, TB_IN_WITH_, __VA_ARGS__) "]")                                  \
    TB_LINE_("without = [" TB_INNER_MAP_(TB_COLUMN_TEXT_, TB_IN_WITHOUT_, __VA_ARGS__) "]")                            \
    TB_LINE_("changed = [" TB_INNER_MAP_(TB_COLUMN_TEXT_, TB_IN_CHANGED_, __VA_ARGS__) "]")                            \
    TB_LINE_("added = [" TB_INNER_MAP_(TB_COLUMN_TEXT_, TB_IN_ADDED_, __VA_ARGS__) "]")
#define TB_TABLE_COMMANDS_(...)
#define TB_TABLE_ON_(...)
#define TB_TABLE_SEND_(system, name, type)                                                                             \
    TB_LINE_("[[system.send]]") TB_LINE_("event = '" type##_ID "'") TB_LINE_("layout = '" type##_LAYOUT "'")
#define TB_TABLE_RESOURCE_(system, name, type, access, member)                                                         \
    TB_LINE_("[[system.resource]]") TB_LINE_("resource = '" type##_ID "'") TB_LINE_("access = '" access "'")           \
    TB_LINE_("layout = '" type##_LAYOUT "'")
#define TB_TABLE_ORDER_(...)

#define TB_COLUMN_TEXT_(list, tuple) TB_COLUMN_TEXT_I_(list, TB_OPEN_TUPLE_ tuple)
#define TB_COLUMN_TEXT_I_(...) TB_COLUMN_TEXT_II_(__VA_ARGS__)
#define TB_COLUMN_TEXT_II_(list, kind, ...) list##kind(__VA_ARGS__)
#define TB_COLUMNS_COLUMN_(name, type, element, access, is_optional)                                                   \
    "{ component = '" type##_ID "', access = '" access "', optional = " is_optional ", layout = '" type##_LAYOUT "' }, "
#define TB_COLUMNS_WITH_(type)
#define TB_COLUMNS_WITHOUT_(type)
#define TB_COLUMNS_CHANGED_(type)
#define TB_COLUMNS_ADDED_(type)
#define TB_IN_WITH_COLUMN_(...)
#define TB_IN_WITH_WITH_(type) "'" type##_ID "', "
#define TB_IN_WITH_WITHOUT_(type)
#define TB_IN_WITH_CHANGED_(type)
#define TB_IN_WITH_ADDED_(type)
#define TB_IN_WITHOUT_COLUMN_(...)
#define TB_IN_WITHOUT_WITH_(type)
#define TB_IN_WITHOUT_WITHOUT_(type) "'" type##_ID "', "
#define TB_IN_WITHOUT_CHANGED_(type)
#define TB_IN_WITHOUT_ADDED_(type)
#define TB_IN_CHANGED_COLUMN_(...)
#define TB_IN_CHANGED_WITH_(type)
#define TB_IN_CHANGED_WITHOUT_(type)
#define TB_IN_CHANGED_CHANGED_(type) "'" type##_ID "', "
#define TB_IN_CHANGED_ADDED_(type)
#define TB_IN_ADDED_COLUMN_(...)
#define TB_IN_ADDED_WITH_(type)
#define TB_IN_ADDED_WITHOUT_(type)
#define TB_IN_ADDED_CHANGED_(type)
#define TB_IN_ADDED_ADDED_(type) "'" type##_ID "', "

/* Indices: parameters of a kind are numbered by an enumeration. */
#define TB_QUERY_INDEX_(system, tuple) TB_AT_(TB_QUERY_INDEX_, system, tuple)
#define TB_QUERY_INDEX_QUERY_(system, name, ...) , tb_index_##system##_##name
#define TB_QUERY_INDEX_COMMANDS_(...)
#define TB_QUERY_INDEX_ON_(...)
#define TB_QUERY_INDEX_SEND_(...)
#define TB_QUERY_INDEX_RESOURCE_(...)
#define TB_QUERY_INDEX_ORDER_(...)
#define TB_RESOURCE_INDEX_(system, tuple) TB_AT_(TB_RESOURCE_INDEX_, system, tuple)
#define TB_RESOURCE_INDEX_QUERY_(...)
#define TB_RESOURCE_INDEX_COMMANDS_(...)
#define TB_RESOURCE_INDEX_ON_(...)
#define TB_RESOURCE_INDEX_SEND_(...)
#define TB_RESOURCE_INDEX_RESOURCE_(system, name, ...) , tb_index_##system##_##name
#define TB_RESOURCE_INDEX_ORDER_(...)
#define TB_SEND_INDEX_(system, tuple) TB_AT_(TB_SEND_INDEX_, system, tuple)
#define TB_SEND_INDEX_QUERY_(...)
#define TB_SEND_INDEX_COMMANDS_(...)
#define TB_SEND_INDEX_ON_(...)
#define TB_SEND_INDEX_SEND_(system, name, ...) , tb_index_##system##_##name
#define TB_SEND_INDEX_RESOURCE_(...)
#define TB_SEND_INDEX_ORDER_(...)

/* Types of the parameters. A query begins with the record that the host writes, whose addresses are the columns. */
#define TB_TYPE_(system, tuple) TB_AT_(TB_TYPE_, system, tuple)
#define TB_TYPE_QUERY_(system, name, ...)                                                                              \
    struct tb_##system##_##name {                                                                                      \
        uint32_t rows, columns_;                                                                                       \
        union {                                                                                                        \
            void *column_[TB_COLUMNS_MAX];                                                                             \
            struct {                                                                                                   \
                TB_INNER_MAP_(TB_COLUMN_TEXT_, TB_MEMBER_, __VA_ARGS__)                                                \
            };                                                                                                         \
        };                                                                                                             \
        char (*index_)[1 + tb_index_##system##_##name];                                                                \
        uint64_t buffer_[TB_BUFFER_WORDS_(0 TB_INNER_MAP_(TB_COLUMN_TEXT_, TB_WORDS_, __VA_ARGS__))];                  \
    };
/* Two rows fit, so a second one is in the first chunk. */
#define TB_BUFFER_WORDS_(row) ((row) == 0 ? 1 : 2 * (row) < TB_CHUNK_BYTES / 8 ? TB_CHUNK_BYTES / 8 : 2 * (row))
#define TB_MEMBER_COLUMN_(name, type, element, access, is_optional) element *name;
#define TB_MEMBER_WITH_(type)
#define TB_MEMBER_WITHOUT_(type)
#define TB_MEMBER_CHANGED_(type)
#define TB_MEMBER_ADDED_(type)
#define TB_WORDS_COLUMN_(name, type, element, access, is_optional) +(sizeof(type) + 7) / 8
#define TB_WORDS_WITH_(type)
#define TB_WORDS_WITHOUT_(type)
#define TB_WORDS_CHANGED_(type)
#define TB_WORDS_ADDED_(type)
#define TB_TYPE_COMMANDS_(...)
#define TB_TYPE_ON_(system, name, type, items, trigger)                                                                \
    struct tb_##system##_##name {                                                                                      \
        uint32_t count;                                                                                                \
        union {                                                                                                        \
            type items_[TB_BATCH_LEN_(type)];                                                                          \
            type items[TB_BATCH_LEN_(type)];                                                                           \
        };                                                                                                             \
    };
#define TB_TYPE_SEND_(system, name, type)                                                                              \
    struct tb_##system##_##name {                                                                                      \
        uint32_t count_, refused_;                                                                                     \
        char (*index_)[1 + tb_index_##system##_##name];                                                                \
        type waiting_[TB_BATCH_LEN_(type)];                                                                            \
    };
#define TB_BATCH_LEN_(type) (sizeof(type) < TB_BATCH_BYTES ? TB_BATCH_BYTES / sizeof(type) : 1)
#define TB_TYPE_RESOURCE_(system, name, type, access, member)                                                          \
    struct tb_##system##_##name {                                                                                      \
        char (*index_)[1 + tb_index_##system##_##name];                                                                \
        type value;                                                                                                    \
        member                                                                                                         \
    };
#define TB_TYPE_ORDER_(...)

#define TB_PARAMETER_(system, tuple) TB_AT_(TB_PARAMETER_, system, tuple)
#define TB_PARAMETER_QUERY_(system, name, ...) , struct tb_##system##_##name *name
#define TB_PARAMETER_COMMANDS_(system, name) , tb_commands *name
#define TB_PARAMETER_ON_ TB_PARAMETER_QUERY_
#define TB_PARAMETER_SEND_ TB_PARAMETER_QUERY_
#define TB_PARAMETER_RESOURCE_ TB_PARAMETER_QUERY_
#define TB_PARAMETER_ORDER_(...)

#define TB_VALUE_(system, tuple) TB_AT_(TB_VALUE_, system, tuple)
#define TB_VALUE_QUERY_(system, name, ...) static struct tb_##system##_##name name##_;
#define TB_VALUE_COMMANDS_(system, name) static tb_commands name##_;
#define TB_VALUE_ON_ TB_VALUE_QUERY_
#define TB_VALUE_SEND_ TB_VALUE_QUERY_
#define TB_VALUE_RESOURCE_ TB_VALUE_QUERY_
#define TB_VALUE_ORDER_(...)

#define TB_ARGUMENT_(system, tuple) TB_AT_(TB_ARGUMENT_, system, tuple)
#define TB_ARGUMENT_QUERY_(system, name, ...) , &name##_
#define TB_ARGUMENT_COMMANDS_ TB_ARGUMENT_QUERY_
#define TB_ARGUMENT_ON_ TB_ARGUMENT_QUERY_
#define TB_ARGUMENT_SEND_ TB_ARGUMENT_QUERY_
#define TB_ARGUMENT_RESOURCE_ TB_ARGUMENT_QUERY_
#define TB_ARGUMENT_ORDER_(...)

/* What is done after the function. */
#define TB_END_(system, tuple) TB_AT_(TB_END_, system, tuple)
#define TB_END_QUERY_(...)
#define TB_END_COMMANDS_(system, name) tb_finish_commands_(&name##_);
#define TB_END_ON_(...)
#define TB_END_SEND_(system, name, type) TB_FLUSH_EVENTS_(&name##_);
#define TB_END_RESOURCE_(...)
#define TB_END_ORDER_(...)

#endif
