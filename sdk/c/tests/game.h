/* game: what the game exposes to mods, for api 1. Bindings in C: include this file after tinkerbox.h. */
#ifndef GAME_H
#define GAME_H

#include "tinkerbox.h"

/** A position. */
typedef struct game_Position {
    float x;
    float y;
} game_Position;
#define game_Position_ID "game:Position"
#define game_Position_KEY 0x88c6b1cbea645e54ull
#define game_Position_LAYOUT "{ x: f32, y: f32 }"
_Static_assert(sizeof(game_Position) == 8, "game:Position has the layout of the game");

/** A velocity. */
typedef struct game_Velocity {
    float x;
    float y;
} game_Velocity;
#define game_Velocity_ID "game:Velocity"
#define game_Velocity_KEY 0xf04f2ee4b47eb0c0ull
#define game_Velocity_LAYOUT "{ x: f32, y: f32 }"
_Static_assert(sizeof(game_Velocity) == 8, "game:Velocity has the layout of the game");

/** A number, kept in a sparse set. */
typedef struct game_Mood {
    uint32_t _0;
} game_Mood;
#define game_Mood_ID "game:Mood"
#define game_Mood_KEY 0xfeecdde0f2c12200ull
#define game_Mood_LAYOUT "{ 0: u32 }"
_Static_assert(sizeof(game_Mood) == 4, "game:Mood has the layout of the game");

/** A component that never changes. */
typedef struct game_Species {
    uint32_t _0;
} game_Species;
#define game_Species_ID "game:Species"
#define game_Species_KEY 0x7537dbedc2a4d64bull
#define game_Species_LAYOUT "{ 0: u32 }"
_Static_assert(sizeof(game_Species) == 4, "game:Species has the layout of the game");

/** A marker. */
#define game_Sheep_ID "game:Sheep"
#define game_Sheep_KEY 0x247ed70ed787247eull
#define game_Sheep_LAYOUT "{}"

/** A relationship: which entity follows which. */
typedef struct game_Follows {
    tb_entity leader;
} game_Follows;
#define game_Follows_ID "game:Follows"
#define game_Follows_KEY 0x6f36cddda7362a1bull
#define game_Follows_LAYOUT "{ leader: entity }"
_Static_assert(sizeof(game_Follows) == 8, "game:Follows has the layout of the game");

/** The weather: a resource. */
typedef struct game_Weather {
    float wind;
    float rain;
} game_Weather;
#define game_Weather_ID "game:Weather"
#define game_Weather_KEY 0xd4b80c690b98a241ull
#define game_Weather_LAYOUT "{ wind: f32, rain: f32 }"
_Static_assert(sizeof(game_Weather) == 8, "game:Weather has the layout of the game");

/** The season: a resource that crosses as its number. */
typedef struct game_Season {
    uint32_t _0;
} game_Season;
#define game_Season_ID "game:Season"
#define game_Season_KEY 0xc9815c200ad67c22ull
#define game_Season_LAYOUT "{ 0: u32 }"
_Static_assert(sizeof(game_Season) == 4, "game:Season has the layout of the game");

/** A number and two others, twelve bytes: an event. */
typedef struct game_Bell {
    uint32_t number;
    uint32_t ringer;
    float pitch;
} game_Bell;
#define game_Bell_ID "game:Bell"
#define game_Bell_KEY 0x25bf83b76c2a41beull
#define game_Bell_LAYOUT "{ number: u32, ringer: u32, pitch: f32 }"
_Static_assert(sizeof(game_Bell) == 12, "game:Bell has the layout of the game");

/** The height of the ground. */
__attribute__((import_module("game"), import_name("height_at"))) extern float game_height_at(float x, float y);

#endif
