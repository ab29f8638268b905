/* zoo: what the game exposes to mods, for api 1. Bindings in C: include this file after tinkerbox.h. */
#ifndef ZOO_H
#define ZOO_H

#include "tinkerbox.h"

/* The game says so if a mod does not fit since it was built against another interface. */
__asm__(".section .custom_section.tinkerbox.interface,\"\",@\n"
        "\t.ascii \"zoo 3bdc8119a11ff2ac2f94de316031343c\\n\"\n"
        "\t.text\n");

/** From west to east. */
#define zoo_WIDTH 100.0f

#define zoo_LEAST (-9223372036854775807ll - 1)

#define zoo_LEAST_32 (-2147483647 - 1)

#define zoo_MOST 18446744073709551615ull

/** A name that is a word of C, Zig and TypeScript. */
#define zoo_default 7

#define zoo_tiny (-1e-300)

typedef int64_t zoo_Huge;
#define zoo_Huge_Least ((zoo_Huge)(-9223372036854775807ll - 1))
#define zoo_Huge_Most ((zoo_Huge)9223372036854775807ll)
_Static_assert(sizeof(zoo_Huge) == 8, "Huge has the layout of the game");

/**
 * It is also the type of a field.
 *
 * A component.
 */
typedef struct zoo_Point {
    float x;
    float y;
} zoo_Point;
#define zoo_Point_ID "zoo:Point"
#define zoo_Point_KEY 0xb5e6b643dee24e2bull
#define zoo_Point_LAYOUT "{ x: f32, y: f32 }"
_Static_assert(sizeof(zoo_Point) == 8, "zoo:Point has the layout of the game");

/** A struct of arrays of structs. */
typedef struct zoo_Box {
    zoo_Point corners[2][2];
} zoo_Box;
_Static_assert(sizeof(zoo_Box) == 32, "Box has the layout of the game");

/** No variant of it is 0. */
typedef int16_t zoo_Side;
#define zoo_Side_Left ((zoo_Side)(-1))
#define zoo_Side_Right ((zoo_Side)300)
_Static_assert(sizeof(zoo_Side) == 2, "Side has the layout of the game");

/**
 * What an animal feels.
 *
 * * / Its docs try to leave the comment. / *
 */
typedef uint8_t zoo_Mood;
/** It grazes. */
#define zoo_Mood_Calm ((zoo_Mood)0)
/** A word of Rust. */
#define zoo_Mood_type ((zoo_Mood)7)
_Static_assert(sizeof(zoo_Mood) == 1, "Mood has the layout of the game");

/**
 * Everything that a field can be.
 *
 * A component.
 */
typedef struct zoo_Animal {
    /** Who feeds it. */
    tb_entity owner;
    tb_entity leader;
    zoo_Huge huge;
    zoo_Box cage;
    /** Where it is. */
    zoo_Point at;
    float heights[3];
    zoo_Side side;
    zoo_Mood type;
    bool default__;
    bool default_[2];
    char name[14];
    char nicknames[2][4];
    zoo_Mood moods[2][2];
    uint8_t friends[3];
    uint8_t class_;
} zoo_Animal;
#define zoo_Animal_ID "zoo:Animal"
#define zoo_Animal_KEY 0x4e8436a19b103d47ull
#define zoo_Animal_LAYOUT "{ owner: entity, leader: entity?, huge: Huge enum i64 { Least = -9223372036854775808, Most = 9223372036854775807 }, cage: Box { corners: [[Point { x: f32, y: f32 }; 2]; 2] }, at: Point { x: f32, y: f32 }, heights: [f32; 3], side: Side enum i16 { Left = -1, Right = 300 }, type: Mood enum u8 { Calm = 0, type = 7 }, default: bool, default_: [bool; 2], name: text[14], nicknames: [text[4]; 2], moods: [[Mood enum u8 { Calm = 0, type = 7 }; 2]; 2], friends: [u8; 3], class: u8 }"
_Static_assert(sizeof(zoo_Animal) == 112, "zoo:Animal has the layout of the game");

/**
 * One has eaten another.
 *
 * An event.
 */
typedef struct zoo_Eaten {
    tb_entity who;
    tb_entity by;
} zoo_Eaten;
#define zoo_Eaten_ID "zoo:Eaten"
#define zoo_Eaten_KEY 0xf4d063fc68ddde58ull
#define zoo_Eaten_LAYOUT "{ who: entity, by: entity? }"
_Static_assert(sizeof(zoo_Eaten) == 16, "zoo:Eaten has the layout of the game");

/**
 * The energy of an animal, which dies without any.
 *
 * A component.
 */
typedef struct zoo_Energy {
    /** How much is left. */
    float joules;
} zoo_Energy;
#define zoo_Energy_ID "zoo:Energy"
#define zoo_Energy_KEY 0xbbb76dd18cc2c92full
#define zoo_Energy_LAYOUT "{ joules: f32 }"
_Static_assert(sizeof(zoo_Energy) == 4, "zoo:Energy has the layout of the game");

/** A component. */
typedef struct zoo_Follows {
    tb_entity id;
} zoo_Follows;
#define zoo_Follows_ID "zoo:Follows"
#define zoo_Follows_KEY 0x2191874ddfa9f21full
#define zoo_Follows_LAYOUT "{ id: entity }"
_Static_assert(sizeof(zoo_Follows) == 8, "zoo:Follows has the layout of the game");

/**
 * A marker.
 *
 * A component.
 */
#define zoo_Marked_ID "zoo:Marked"
#define zoo_Marked_KEY 0x9f42963dabd62b97ull
#define zoo_Marked_LAYOUT "{}"

/**
 * One number of each type.
 *
 * A component.
 */
typedef struct zoo_Numbers {
    uint64_t a;
    int64_t b;
    double c;
    uint32_t d;
    int32_t e;
    float f;
    uint16_t g;
    int16_t h;
    uint8_t i;
    int8_t j;
    uint8_t pad[6];
} zoo_Numbers;
#define zoo_Numbers_ID "zoo:Numbers"
#define zoo_Numbers_KEY 0xb0b78418ac1ce6e3ull
#define zoo_Numbers_LAYOUT "{ a: u64, b: i64, c: f64, d: u32, e: i32, f: f32, g: u16, h: i16, i: u8, j: i8, pad: [u8; 6] }"
_Static_assert(sizeof(zoo_Numbers) == 48, "zoo:Numbers has the layout of the game");

/**
 * A tuple struct.
 *
 * A component that mods can read, insert and remove, and not change.
 */
typedef struct zoo_Species {
    uint32_t _0;
    zoo_Mood _1;
    uint8_t _2[3];
} zoo_Species;
#define zoo_Species_ID "zoo:Species"
#define zoo_Species_KEY 0xec87901256e0bccfull
#define zoo_Species_LAYOUT "{ 0: u32, 1: Mood enum u8 { Calm = 0, type = 7 }, 2: [u8; 3] }"
_Static_assert(sizeof(zoo_Species) == 8, "zoo:Species has the layout of the game");

/**
 * The weather.
 *
 * A resource.
 */
typedef struct zoo_Weather {
    float wind;
    float rain;
} zoo_Weather;
#define zoo_Weather_ID "zoo:Weather"
#define zoo_Weather_KEY 0xd6d7d2e678062485ull
#define zoo_Weather_LAYOUT "{ wind: f32, rain: f32 }"
_Static_assert(sizeof(zoo_Weather) == 8, "zoo:Weather has the layout of the game");

/**
 * A type that is called as a number is.
 *
 * A component.
 */
typedef struct zoo_f32 {
    float f32;
} zoo_f32;
#define zoo_f32_ID "zoo:f32"
#define zoo_f32_KEY 0x6e19aef0f38d0982ull
#define zoo_f32_LAYOUT "{ f32: f32 }"
_Static_assert(sizeof(zoo_f32) == 4, "zoo:f32 has the layout of the game");

/**
 * Another game's, which this one exposes too.
 *
 * A component.
 */
typedef struct zoo_physics_Body {
    double mass;
} zoo_physics_Body;
#define zoo_physics_Body_ID "physics:Body"
#define zoo_physics_Body_KEY 0x2a1d602ebad235b4ull
#define zoo_physics_Body_LAYOUT "{ mass: f64 }"
_Static_assert(sizeof(zoo_physics_Body) == 8, "physics:Body has the layout of the game");

/** A call costs 500 units of fuel. */
__attribute__((import_module("physics"), import_name("cast"))) extern uint64_t zoo_physics_cast(double x);

/**
 * The height of the ground, in metres.
 *
 * A call costs 20 units of fuel.
 */
__attribute__((import_module("zoo"), import_name("height_at"))) extern float zoo_height_at(float x, float y);

/**
 * A word of Rust, with parameters that are others.
 *
 * A call costs 1 unit of fuel.
 */
__attribute__((import_module("zoo"), import_name("match"))) extern void zoo_match(int64_t type, uint32_t self, double default_);

/** A call costs 5 units of fuel. */
__attribute__((import_module("zoo"), import_name("ring"))) extern void zoo_ring(void);

#endif
