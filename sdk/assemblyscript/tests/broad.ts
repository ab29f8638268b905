// A mod that uses everything once. The same mod in other languages does the same, to the last bit.

import {
  Commands,
  Entities,
  EventWriter,
  Events,
  Query,
  Read,
  Added,
  Despawned,
  Removed,
  Res,
  ResMut,
  Write,
  delta,
  every,
  fixed,
  fuelLeft,
  info,
  randomBits,
  randomRange,
  tick,
  warn,
} from "tinkerbox";
import { Bell, Follows, Mood, Position, Season, Sheep, Species, Velocity, Weather, heightAt } from "./game";

class Diary {
  days: u32 = 0;
  warmth: f32 = 0;
  heights: StaticArray<f32> = new StaticArray<f32>(4);
  title: string = "";
  cold: bool = false;
  debt: i16 = 0;
}

@state const diary = new Diary();

@system
function answer(bells: Events<Bell>, echoes: EventWriter<Bell>): void {
  while (bells.next()) {
    for (let i = 0; i < bells.length; i++) {
      const bell = bells[i];
      if (bell.number < 110) info(`bell ${bell.number} of ${bell.ringer}, ${fixed(bell.pitch, 2)}`);
      if (bell.number < 100) echoes.send(new Bell(bell.number + 100, bell.ringer, bell.pitch * 2));
    }
  }
}

@system
function mourn(gone: Removed<Sheep>): void {
  let sum: u64 = 0;
  let count = 0;
  while (gone.next()) {
    count += gone.length;
    for (let i = 0; i < gone.length; i++) sum = sum * 3 + gone[i];
  }
  info(`${count} sheep are gone: ${sum}`);
}

@system
function greet(fresh: Added<Sheep>): void {
  let sum: u64 = 0;
  let count = 0;
  while (fresh.next()) {
    count += fresh.length;
    for (let i = 0; i < fresh.length; i++) sum = sum * 3 + fresh[i];
  }
  info(`${count} sheep are new: ${sum}`);
}

@system
function bury(dead: Despawned<Sheep>): void {
  let sum: u64 = 0;
  let count = 0;
  while (dead.next()) {
    count += dead.length;
    for (let i = 0; i < dead.length; i++) sum = sum * 3 + dead[i];
  }
  info(`${count} sheep are dead: ${sum}`);
}

@without(Sheep)
class Things extends Query {
  ids!: Entities;
  at!: Write<Position>;
  velocity!: Read<Velocity> | null;
  mood!: Write<Mood> | null;
}

@system({ before: ["follow", "nobody:at_all"] })
function drift(things: Things): void {
  const seconds = delta();
  let rows = 0;
  let still = 0;
  while (things.next()) {
    rows += things.rows;
    const velocity = things.velocity;
    const mood = things.mood;
    for (let i = 0; i < things.rows; i++) {
      if (mood) mood[i]._0 += <u32>(things.ids[i] % 3);
      if (velocity) {
        things.at[i].x += velocity[i].x * seconds;
        things.at[i].y += velocity[i].y * seconds;
      } else {
        still++;
      }
    }
  }
  info(`${rows} things, ${still} still`);
}

@changed(Mood)
class Changed extends Query {
  mood!: Read<Mood>;
}

@having(Sheep)
class Flock extends Query {}

@system
function watch(changed: Changed, sheep: Flock): void {
  const moods = changed.count();
  info(`${moods} moods changed, ${sheep.count()} sheep`);
}

class Followers extends Query {
  ids!: Entities;
  follows!: Read<Follows>;
}

class Leaders extends Query {
  at!: Write<Position>;
  mood!: Write<Mood> | null;
}

@system({ after: "drift" })
function follow(followers: Followers, leaders: Leaders): void {
  while (followers.next()) {
    for (let i = 0; i < followers.rows; i++) {
      const leader = followers.follows[i].leader;
      let there = leaders.get<Position>(leader);
      if (there == null) {
        warn(`${followers.ids[i]} follows nobody`);
        continue;
      }
      there.y += 1;
      leaders.set(leader, there);
      const mood = leaders.get<Mood>(leader);
      if (mood) leaders.set(leader, new Mood(mood._0 + 2));
      there = leaders.get<Position>(leader)!;
      if (i < 5) info(`${followers.ids[i]} follows to ${fixed(there.x, 3)} ${fixed(there.y, 3)}`);
    }
  }
}

@having(Sheep)
class Breeders extends Query {
  ids!: Entities;
  at!: Read<Position>;
}

@system
function breed(flock: Breeders, commands: Commands, born: EventWriter<Bell>): void {
  const now = tick();
  if (now == 2) {
    const ewe = commands.spawn();
    commands.put(new Position(3, 4)).put(new Mood(7)).put(new Sheep());
    for (let i = 0; i < 60; i++) {
      commands.spawn();
      commands.put(new Position(<f32>i, -1)).put(new Sheep()).put(new Follows(ewe));
    }
    born.send(new Bell(200, <u32>ewe, 0.5));
  }
  if (!flock.next()) return;
  const first = flock.ids[0];
  if (now == 4) {
    commands.insert(first).put(new Velocity(1, 2)).put(new Mood(9));
    commands.remove<Follows>(flock.ids[flock.rows - 1]);
  }
  if (now == 6) {
    while (flock.next()) for (let i = 0; i < flock.rows; i++) commands.despawn(flock.ids[i]);
    commands.despawn(first);
  }
}

class Placed extends Query {
  ids!: Entities;
  at!: Read<Position>;
}

@system
function deny(things: Placed, commands: Commands): void {
  if (things.next()) commands.insert(things.ids[0]).put(new Species(1));
}

@system
function forecast(weather: ResMut<Weather>, season: Res<Season>): void {
  if (season.get() == null) info("no season");
  const today = weather.get();
  if (today == null) throw new Error("no weather");
  today.wind += randomRange(-1, 1);
  today.rain = heightAt(today.wind, 2);
  weather.set(today);
  assert(fuelLeft() > 0);
  info(`wind ${fixed(today.wind, 3)}, rain ${fixed(today.rain, 3)}, bits ${randomBits(7)}`);
}

@added(Sheep)
class Born extends Query {}

@having(Sheep)
class Lone extends Query {
  ids!: Entities;
  mood!: Write<Mood>;
}

class Many extends Query {
  at!: Read<Position>;
}

@system
function notice(born: Born, lone: Lone, many: Many, commands: Commands): void {
  const count = born.count();
  if (many.single()) info("a lone thing");
  if (!every(delta() * 3)) return;
  if (lone.single()) {
    lone.mood[0]._0 += 1;
    info(`${count} born, one has the mood ${lone.mood[0]._0}`);
  }
  info(`luck ${fixed(randomRange(-2, 2, 3), 3)}`);
  const thing = commands.trySpawn();
  if (commands.refusal == 0) {
    commands.put(new Position(9, 9)).put(new Mood(3));
    commands.despawn(thing);
    assert(commands.send() == 0);
  }
}

@system
function write_diary(): void {
  diary.days += 1;
  diary.warmth = warmer(diary.warmth);
  diary.heights[diary.days % 4] = <f32>tick() * 0.25;
  diary.cold = diary.days % 2 == 1;
  diary.debt -= 300;
  if (diary.days == 1) diary.title = `day ${diary.days}`;
  const cold = diary.cold ? "cold" : "warm";
  const heights = `[${fixed(diary.heights[0], 2)}, ${fixed(diary.heights[3], 2)}]`;
  info(`${diary.days} days, ${fixed(diary.warmth, 2)}, ${heights}, ${diary.title}, ${cold}, ${diary.debt}`);
}

/** What the warmth is on the next day; it is an integer in one version and a float in the other. */
function warmer<T>(warmth: T): T {
  return <T>(<f64>warmth + 1.1640625);
}

@having(Species)
class Doomed extends Query {}

@system
function fail(doomed: Doomed): void {
  const count = doomed.count();
  if (count > 2) throw new Error(`${count} are doomed, ${fixed(-0.3, 1)}`);
}
