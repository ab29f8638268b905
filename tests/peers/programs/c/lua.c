/* Runs a script with tables, closures, strings, patterns, sorting: Lua 5.5, as the crate lua-src
 * carries it. Each run has a state of its own, so compiling the script and collecting the garbage are part of it. */
#include "program.h"
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>

static const char script[] =
    "local seed = ...\n"
    "local function next_number()\n"
    "  seed = (seed * 1103515245 + 12345) % 2147483648\n"
    "  return seed\n"
    "end\n"
    "local Animal = {}\n"
    "Animal.__index = Animal\n"
    "function Animal.new(name) return setmetatable({name = name, x = next_number() % 100, food = 1.5}, Animal) end\n"
    "function Animal:eat(grass) self.food = self.food * 0.9 + grass[self.x % #grass + 1]; self.x = self.x + 1 end\n"
    "local grass, herd, names = {}, {}, {}\n"
    "for at = 1, 50 do grass[at] = next_number() % 7 / 3 end\n"
    "for at = 1, 60 do herd[at] = Animal.new('sheep' .. at) end\n"
    "for round = 1, 20 do for _, animal in ipairs(herd) do animal:eat(grass) end end\n"
    "table.sort(herd, function(a, b) return a.food < b.food or (a.food == b.food and a.name < b.name) end)\n"
    "for _, animal in ipairs(herd) do names[#names + 1] = animal.name:gsub('sh(e+)p', '%1-'):upper() end\n"
    "local text, sum = table.concat(names, ','), 0\n"
    "for digits in text:gmatch('%d+') do sum = sum + tonumber(digits) * #digits end\n"
    "local counts = {}\n"
    "for at = 1, #text do local c = text:byte(at); counts[c] = (counts[c] or 0) + 1 end\n"
    "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end\n"
    "return sum + fib(14) + counts[69] + math.floor(herd[30].food * 1000)\n";

/* There are no files; the C library's would want to know at once which folders it has. */
FILE *fopen(const char *name, const char *mode) { return NULL; }
FILE *freopen(const char *name, const char *mode, FILE *file) { return NULL; }

static void *allocate(void *of, void *block, size_t old, size_t new) {
    if (new) return realloc(block, new);
    free(block);
    return NULL;
}

static uint64_t work(uint32_t number) {
    static const luaL_Reg libraries[] = {
        {LUA_GNAME, luaopen_base}, {LUA_STRLIBNAME, luaopen_string}, {LUA_TABLIBNAME, luaopen_table},
        {LUA_MATHLIBNAME, luaopen_math}, {NULL, NULL}};
    lua_State *lua = lua_newstate(allocate, NULL, 7);
    for (const luaL_Reg *library = libraries; library->func; library++) {
        luaL_requiref(lua, library->name, library->func, 1);
        lua_pop(lua, 1);
    }
    if (luaL_loadbufferx(lua, script, sizeof script - 1, "herd", "t")) abort();
    lua_pushinteger(lua, number + 1);
    lua_call(lua, 1, 1);
    lua_Integer result = lua_tointeger(lua, -1);
    lua_close(lua);
    return result;
}
