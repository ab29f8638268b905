/* meadow: what the game exposes to mods, for api 1. Bindings in C. */
#ifndef MEADOW_H
#define MEADOW_H

#include "tinkerbox.h"

/** Where something is: `0 <= x < WIDTH`, `0 <= y < HEIGHT`. */
typedef struct meadow_Position {
    float x; /**< From the west. */
    float y; /**< From the north. */
} meadow_Position;
#define meadow_Position_ID "meadow:Position"
#define meadow_Position_KEY 0xc492aae0f8563d29ull
#define meadow_Position_LAYOUT "{ x: f32, y: f32 }"
_Static_assert(sizeof(meadow_Position) == 8, "meadow:Position has the layout of the game");

/** Where something is going, in units per second. The game moves it. */
typedef struct meadow_Velocity {
    float x; /**< To the east. */
    float y; /**< To the south. */
} meadow_Velocity;
#define meadow_Velocity_ID "meadow:Velocity"
#define meadow_Velocity_KEY 0xb90dbf05ee20bd7dull
#define meadow_Velocity_LAYOUT "{ x: f32, y: f32 }"
_Static_assert(sizeof(meadow_Velocity) == 8, "meadow:Velocity has the layout of the game");

/** The energy of an animal, which dies without any. */
typedef struct meadow_Energy {
    float joules; /**< How much is left. */
} meadow_Energy;
#define meadow_Energy_ID "meadow:Energy"
#define meadow_Energy_KEY 0xc0c29597d18661a6ull
#define meadow_Energy_LAYOUT "{ joules: f32 }"
_Static_assert(sizeof(meadow_Energy) == 4, "meadow:Energy has the layout of the game");

/** Marks a sheep. */
#define meadow_Sheep_ID "meadow:Sheep"
#define meadow_Sheep_KEY 0x0b2bb5e2c04c9965ull
#define meadow_Sheep_LAYOUT "{}"

/** Marks a wolf. */
#define meadow_Wolf_ID "meadow:Wolf"
#define meadow_Wolf_KEY 0x8914478b79c9c942ull
#define meadow_Wolf_LAYOUT "{}"

/** Marks a tuft of grass. */
#define meadow_Grass_ID "meadow:Grass"
#define meadow_Grass_KEY 0xf10443c30fd1d11cull
#define meadow_Grass_LAYOUT "{}"

#endif
