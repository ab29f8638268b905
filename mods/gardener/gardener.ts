// A gardener walks around a bed in the meadow and sows grass on the way, so that a ring of it grows.
//
// The point of this mod: it is written in AssemblyScript. What its decorators say of systems is all that the game has to
// know, and objects that a system makes are collected when it has finished.

import { Commands, delta, info, randomRange, tick } from "tinkerbox";
import { Grass, Position } from "./meadow";

/** The bed. */
const MIDDLE_X: f32 = 70;
const MIDDLE_Y: f32 = 20;
const RADIUS: f32 = 8;

/** Tufts that are sown per second, and how long a round takes. */
const TUFTS: f32 = 4;
const ROUND: f32 = 20;

/** What survives a reload of the code. */
class Walk {
  /** How much of the round is done: 0 to 1. */
  done: f32 = 0;
  /** Seconds since the last tuft. */
  seconds: f32 = 0;
  rounds: u32 = 0;
}

@state const walk = new Walk();

@system({ after: "grass:grow" })
function sow(commands: Commands): void {
  walk.seconds += delta();
  walk.done += delta() / ROUND;
  if (walk.done >= 1) {
    walk.done -= 1;
    walk.rounds++;
    info(`round ${walk.rounds} is done at tick ${tick()}`);
  }
  if (walk.seconds * TUFTS < 1) return;
  walk.seconds = 0;
  const sides: f32 = 4;
  const along = sides * walk.done;
  const side = <i32>along;
  const way: f32 = RADIUS * (2 * (along - <f32>side) - 1);
  commands.spawn();
  commands.put(place(side, way, RADIUS + randomRange(-0.5, 0.5))).put(new Grass());
}

/** A place on one of the four sides of the bed. */
function place(side: i32, along: f32, out: f32): Position {
  switch (side) {
    case 0: return new Position(MIDDLE_X + along, MIDDLE_Y - out);
    case 1: return new Position(MIDDLE_X + out, MIDDLE_Y + along);
    case 2: return new Position(MIDDLE_X - along, MIDDLE_Y + out);
    default: return new Position(MIDDLE_X - out, MIDDLE_Y - along);
  }
}
