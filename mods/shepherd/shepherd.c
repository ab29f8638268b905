/* A shepherd calls now and then, and the sheep that hear him come.
 *
 * The point of this mod: it is written in C, and what it remembers survives a reload of its code. Change HEARING, build, and
 * the sheep that are on their way keep walking to the same place. */
#include "tinkerbox.h"

#include "meadow.h"

/* Seconds between two calls, and for how long the sheep follow one. */
#define PAUSE 15.0f
#define CALL 5.0f
/* How far a call is heard, how fast sheep come, and how near is near enough. */
#define HEARING 25.0f
#define SPEED 3.0f
#define NEAR 3.0f

TB_STATE(shepherd, TB_FIELD(float, x), TB_FIELD(float, y), TB_FIELD(float, seconds), TB_FIELD(uint32_t, calls));

/* The shortest way along one axis of the world, which wraps around. */
static float way(float from, float to, float extent) {
    float way = to - from;
    return way > extent / 2 ? way - extent : way < -extent / 2 ? way + extent : way;
}

/* The next moment of the shepherd's day. Returns whether sheep can hear him. */
static bool pass(float seconds) {
    shepherd.seconds -= seconds;
    if (shepherd.seconds < -PAUSE) {
        shepherd.x = tb_random_range(0, meadow_WIDTH);
        shepherd.y = tb_random_range(0, meadow_HEIGHT);
        shepherd.seconds = CALL;
        shepherd.calls++;
        tb_info("call %u, from %.0f, %.0f", shepherd.calls, shepherd.x, shepherd.y);
    }
    return shepherd.seconds > 0;
}

/* Sheep that hear the call walk to it. */
TB_SYSTEM(call,
          TB_QUERY(sheep, TB_READ(meadow_Position, position), TB_WRITE(meadow_Velocity, velocity), TB_WITH(meadow_Sheep)),
          TB_AFTER("flock:flock"))
{
    if (!pass(tb_delta())) return;
    while (tb_next(sheep))
        for (uint32_t i = 0; i < sheep->rows; i++) {
            float x = way(sheep->position[i].x, shepherd.x, meadow_WIDTH);
            float y = way(sheep->position[i].y, shepherd.y, meadow_HEIGHT);
            float distance = __builtin_sqrtf(x * x + y * y);
            if (distance > HEARING || distance < NEAR) continue;
            sheep->velocity[i] = (meadow_Velocity){x * SPEED / distance, y * SPEED / distance};
        }
}
