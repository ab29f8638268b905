/* meadow: what the game exposes to mods, for api 1. Bindings in C: include this file after tinkerbox.h. */
#ifndef MEADOW_H
#define MEADOW_H

#include "tinkerbox.h"

/* The game says so if a mod does not fit since it was built against another interface. */
__asm__(".section .custom_section.tinkerbox.interface,\"\",@\n"
        "\t.ascii \"meadow 7520152639eb6c1e725edfc21877c2e9\\n\"\n"
        "\t.text\n");

/** The world's extent from north to south. It wraps around. */
#define meadow_HEIGHT 40.0f

/** The world's extent from west to east. It wraps around. */
#define meadow_WIDTH 100.0f

/**
 * A wolf has caught a sheep, which is gone. Mods send it; the game only passes it on.
 *
 * An event.
 */
typedef struct meadow_Caught {
    /** The sheep, which does not exist any more. */
    tb_entity sheep;
    /** The wolf. */
    tb_entity wolf;
    /** Where it happened, from the west. */
    float x;
    /** Where it happened, from the north. */
    float y;
} meadow_Caught;
#define meadow_Caught_ID "meadow:Caught"
#define meadow_Caught_KEY 0x5b9593e1d84ec54aull
#define meadow_Caught_LAYOUT "{ sheep: entity, wolf: entity, x: f32, y: f32 }"
_Static_assert(sizeof(meadow_Caught) == 24, "meadow:Caught has the layout of the game");

/**
 * The energy of an animal, which dies without any.
 *
 * A component.
 */
typedef struct meadow_Energy {
    /** How much is left. */
    float joules;
} meadow_Energy;
#define meadow_Energy_ID "meadow:Energy"
#define meadow_Energy_KEY 0xc0c29597d18661a6ull
#define meadow_Energy_LAYOUT "{ joules: f32 }"
_Static_assert(sizeof(meadow_Energy) == 4, "meadow:Energy has the layout of the game");

/**
 * Marks a tuft of grass.
 *
 * A component.
 */
#define meadow_Grass_ID "meadow:Grass"
#define meadow_Grass_KEY 0xf10443c30fd1d11cull
#define meadow_Grass_LAYOUT "{}"

/**
 * Where something is: `0 <= x < WIDTH`, `0 <= y < HEIGHT`.
 *
 * A component.
 */
typedef struct meadow_Position {
    /** From the west. */
    float x;
    /** From the north. */
    float y;
} meadow_Position;
#define meadow_Position_ID "meadow:Position"
#define meadow_Position_KEY 0xc492aae0f8563d29ull
#define meadow_Position_LAYOUT "{ x: f32, y: f32 }"
_Static_assert(sizeof(meadow_Position) == 8, "meadow:Position has the layout of the game");

/**
 * Marks a sheep.
 *
 * A component.
 */
#define meadow_Sheep_ID "meadow:Sheep"
#define meadow_Sheep_KEY 0x0b2bb5e2c04c9965ull
#define meadow_Sheep_LAYOUT "{}"

/**
 * Where something is going, in units per second. The game moves it: see [`Position::advanced`].
 *
 * A component.
 */
typedef struct meadow_Velocity {
    /** To the east. */
    float x;
    /** To the south. */
    float y;
} meadow_Velocity;
#define meadow_Velocity_ID "meadow:Velocity"
#define meadow_Velocity_KEY 0xb90dbf05ee20bd7dull
#define meadow_Velocity_LAYOUT "{ x: f32, y: f32 }"
_Static_assert(sizeof(meadow_Velocity) == 8, "meadow:Velocity has the layout of the game");

/**
 * The weather, the same in the whole world. Grass grows by it.
 *
 * A resource.
 */
typedef struct meadow_Weather {
    /** How fast the wind blows to the east, in units per second; below 0 it blows to the west. */
    float wind;
    /** How much it rains: 0 is dry, 1 is a downpour. */
    float rain;
} meadow_Weather;
#define meadow_Weather_ID "meadow:Weather"
#define meadow_Weather_KEY 0xf1628afee7a48496ull
#define meadow_Weather_LAYOUT "{ wind: f32, rain: f32 }"
_Static_assert(sizeof(meadow_Weather) == 8, "meadow:Weather has the layout of the game");

/**
 * Marks a wolf.
 *
 * A component.
 */
#define meadow_Wolf_ID "meadow:Wolf"
#define meadow_Wolf_KEY 0x8914478b79c9c942ull
#define meadow_Wolf_LAYOUT "{}"

/**
 * How likely a seed sprouts at a place: 1 in the plain, and less on the hills.
 *
 * A call costs 40 units of fuel.
 */
__attribute__((import_module("meadow"), import_name("fertility"))) extern float meadow_fertility(float x, float y);

/**
 * How high the land is at a place: 0 in the plain, and up to about 10 on the hills.
 *
 * A call costs 40 units of fuel.
 */
__attribute__((import_module("meadow"), import_name("height_at"))) extern float meadow_height_at(float x, float y);

#endif
