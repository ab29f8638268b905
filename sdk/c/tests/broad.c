/* A mod that uses everything once. The same mod in other languages does the same, to the last bit. */
#include "tinkerbox.h"

#include "game.h"

TB_STATE(diary,
         TB_FIELD(uint32_t, days),
         TB_FIELD(float, warmth),
         TB_ARRAY(float, heights, 4),
         TB_STRING(title, 16),
         TB_FIELD(bool, cold),
         TB_FIELD(int16_t, debt));

TB_SYSTEM(answer, TB_ON(game_Bell, bells), TB_SEND(game_Bell, echoes))
{
    while (tb_receive(bells))
        for (uint32_t i = 0; i < bells->count; i++) {
            game_Bell bell = bells->events[i];
            if (bell.number < 110) tb_info("bell %u of %u, %.2f", bell.number, bell.ringer, bell.pitch);
            if (bell.number < 100) tb_send(echoes, &(game_Bell){bell.number + 100, bell.ringer, bell.pitch * 2});
        }
}

TB_SYSTEM(mourn, TB_ON_REMOVED(game_Sheep, gone))
{
    uint64_t sum = 0;
    uint32_t count = 0;
    while (tb_receive(gone))
        for (uint32_t i = 0; i < gone->count; i++, count++) sum = sum * 3 + gone->entities[i];
    tb_info("%u sheep are gone: %llu", count, sum);
}

TB_SYSTEM(greet, TB_ON_ADDED(game_Sheep, fresh))
{
    uint64_t sum = 0;
    uint32_t count = 0;
    while (tb_receive(fresh))
        for (uint32_t i = 0; i < fresh->count; i++, count++) sum = sum * 3 + fresh->entities[i];
    tb_info("%u sheep are new: %llu", count, sum);
}

TB_SYSTEM(bury, TB_ON_DESPAWNED(game_Sheep, dead))
{
    uint64_t sum = 0;
    uint32_t count = 0;
    while (tb_receive(dead))
        for (uint32_t i = 0; i < dead->count; i++, count++) sum = sum * 3 + dead->entities[i];
    tb_info("%u sheep are dead: %llu", count, sum);
}

TB_SYSTEM(drift,
          TB_QUERY(things, TB_ENTITIES(ids), TB_WRITE(game_Position, at), TB_MAYBE_READ(game_Velocity, velocity),
                   TB_MAYBE_WRITE(game_Mood, mood), TB_WITHOUT(game_Sheep)),
          TB_BEFORE("follow", "nobody:at_all"))
{
    float delta = tb_delta();
    uint32_t rows = 0, still = 0;
    while (tb_next(things)) {
        rows += things->rows;
        for (uint32_t i = 0; i < things->rows; i++) {
            if (things->mood) things->mood[i]._0 += (uint32_t)(things->ids[i] % 3);
            if (things->velocity) {
                things->at[i].x += things->velocity[i].x * delta;
                things->at[i].y += things->velocity[i].y * delta;
            } else {
                still++;
            }
        }
    }
    tb_info("%u things, %u still", rows, still);
}

TB_SYSTEM(watch, TB_QUERY(changed, TB_READ(game_Mood, mood), TB_CHANGED(game_Mood)), TB_QUERY(sheep, TB_WITH(game_Sheep)))
{
    uint32_t moods = tb_count(changed);
    tb_info("%u moods changed, %u sheep", moods, tb_count(sheep));
}

TB_SYSTEM(follow, TB_AFTER("drift"), TB_QUERY(followers, TB_ENTITIES(ids), TB_READ(game_Follows, follows)),
          TB_QUERY(leaders, TB_WRITE(game_Position, at), TB_MAYBE_WRITE(game_Mood, mood)))
{
    while (tb_next(followers))
        for (uint32_t i = 0; i < followers->rows; i++) {
            tb_entity leader = followers->follows[i].leader;
            game_Position there;
            game_Mood mood;
            if (!tb_get(leaders, at, leader, &there)) {
                tb_warn("%llu follows nobody", followers->ids[i]);
                continue;
            }
            there.y += 1;
            tb_set(leaders, at, leader, &there);
            if (tb_get(leaders, mood, leader, &mood)) {
                mood._0 += 2;
                tb_set(leaders, mood, leader, &mood);
            }
            tb_get(leaders, at, leader, &there);
            if (i < 5) tb_info("%llu follows to %.3f %.3f", followers->ids[i], there.x, there.y);
        }
}

TB_SYSTEM(breed, TB_QUERY(flock, TB_ENTITIES(ids), TB_READ(game_Position, at), TB_WITH(game_Sheep)), TB_COMMANDS(commands),
          TB_SEND(game_Bell, born))
{
    uint64_t tick = tb_tick();
    if (tick == 2) {
        tb_entity ewe = tb_spawn(commands);
        tb_put(commands, game_Position, &(game_Position){3, 4});
        tb_put(commands, game_Mood, &(game_Mood){7});
        tb_put_marker(commands, game_Sheep);
        for (uint32_t i = 0; i < 60; i++) {
            tb_spawn(commands);
            tb_put(commands, game_Position, &(game_Position){(float)i, -1});
            tb_put_marker(commands, game_Sheep);
            tb_put(commands, game_Follows, &(game_Follows){ewe});
        }
        tb_send(born, &(game_Bell){200, (uint32_t)ewe, 0.5f});
    }
    if (!tb_next(flock)) return;
    tb_entity first = flock->ids[0], last = flock->ids[flock->rows - 1];
    if (tick == 4) {
        tb_insert(commands, first);
        tb_put(commands, game_Velocity, &(game_Velocity){1, 2});
        tb_put(commands, game_Mood, &(game_Mood){9});
        tb_remove(commands, last, game_Follows);
    }
    while (tick == 6 && tb_next(flock))
        for (uint32_t i = 0; i < flock->rows; i++) tb_despawn(commands, flock->ids[i]);
    if (tick == 6) tb_despawn(commands, first);
}

TB_SYSTEM(deny, TB_QUERY(things, TB_ENTITIES(ids), TB_READ(game_Position, at)), TB_COMMANDS(commands))
{
    if (!tb_next(things)) return;
    tb_insert(commands, things->ids[0]);
    tb_put(commands, game_Species, &(game_Species){1});
}

TB_SYSTEM(forecast, TB_WRITE_RESOURCE(game_Weather, weather), TB_READ_RESOURCE(game_Season, season))
{
    if (!tb_fetch(season)) tb_info("no season");
    if (!tb_fetch(weather)) tb_panic("no weather");
    weather->value.wind += tb_random_range(-1, 1);
    weather->value.rain = game_height_at(weather->value.wind, 2);
    tb_store(weather);
    tb_assert(tb_fuel_left() > 0);
    tb_info("wind %.3f, rain %.3f, bits %llu", weather->value.wind, weather->value.rain, tb_random_bits(7));
}

TB_SYSTEM(notice, TB_QUERY(born, TB_ADDED(game_Sheep)),
          TB_QUERY(lone, TB_ENTITIES(ids), TB_WRITE(game_Mood, mood), TB_WITH(game_Sheep)),
          TB_QUERY(many, TB_READ(game_Position, at)), TB_COMMANDS(commands))
{
    uint32_t count = tb_count(born);
    if (tb_single(many)) tb_info("a lone thing");
    if (!tb_every(tb_delta() * 3)) return;
    if (tb_single(lone)) {
        lone->mood[0]._0 += 1;
        tb_info("%u born, one has the mood %u", count, lone->mood[0]._0);
    }
    tb_info("luck %.3f", tb_random_range_from(3, -2, 2));
    tb_entity new_thing;
    if (tb_try_spawn(commands, &new_thing) == 0) {
        tb_put(commands, game_Position, &(game_Position){9, 9});
        tb_put(commands, game_Mood, &(game_Mood){3});
        tb_despawn(commands, new_thing);
        tb_assert(tb_send_commands(commands) == 0);
    }
}

TB_SYSTEM(write_diary)
{
    diary.days += 1;
    diary.warmth = diary.warmth + 1.1640625;
    diary.heights[diary.days % 4] = (float)tb_tick() * 0.25f;
    diary.cold = diary.days % 2 == 1;
    diary.debt -= 300;
    if (diary.days == 1) tb_format(diary.title, sizeof diary.title, "day %u", diary.days);
    tb_info("%u days, %.2f, [%.2f, %.2f], %s, %s, %d", diary.days, (double)diary.warmth, diary.heights[0], diary.heights[3],
            diary.title, diary.cold ? "cold" : "warm", (int)diary.debt);
}

TB_SYSTEM(fail, TB_QUERY(doomed, TB_WITH(game_Species)))
{
    uint32_t count = tb_count(doomed);
    if (count > 2) tb_panic("%u are doomed, %.1f", count, -0.3);
}
