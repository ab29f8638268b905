/* Makes tables in memory, fills them, asks for joins and sums: SQLite, as the crate libsqlite3-sys carries it. */
#include "program.h"
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* A file system that is not there: everything is kept in memory. */
static int no_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *opened) { return SQLITE_CANTOPEN; }
static int no_delete(sqlite3_vfs *vfs, const char *name, int sync) { return SQLITE_IOERR; }
static int no_access(sqlite3_vfs *vfs, const char *name, int flags, int *there) { *there = 0; return SQLITE_OK; }
static int full_name(sqlite3_vfs *vfs, const char *name, int len, char *full) { return SQLITE_CANTOPEN; }
static int no_randomness(sqlite3_vfs *vfs, int len, char *bytes) { memset(bytes, 7, len); return len; }
static int no_sleep(sqlite3_vfs *vfs, int microseconds) { return 0; }
static int no_time(sqlite3_vfs *vfs, double *now) { *now = 2460000.5; return SQLITE_OK; }

int sqlite3_os_init(void) {
    static sqlite3_vfs vfs = {
        .iVersion = 1, .szOsFile = sizeof(sqlite3_file), .mxPathname = 64, .zName = "none", .xOpen = no_file,
        .xDelete = no_delete, .xAccess = no_access, .xFullPathname = full_name, .xRandomness = no_randomness,
        .xSleep = no_sleep, .xCurrentTime = no_time};
    return sqlite3_vfs_register(&vfs, 1);
}

int sqlite3_os_end(void) { return SQLITE_OK; }

static int add_row(void *sum, int columns, char **values, char **names) {
    for (int at = 0; at < columns; at++)
        if (values[at]) *(uint64_t *)sum = *(uint64_t *)sum * 31 + checksum(values[at], strlen(values[at]));
    return 0;
}

static void ask(sqlite3 *database, const char *question, uint64_t *sum) {
    if (sqlite3_exec(database, question, add_row, sum, NULL)) abort();
}

static uint64_t work(uint32_t number) {
    uint64_t sum = number;
    sqlite3 *database;
    if (sqlite3_open(":memory:", &database)) abort();
    ask(database,
        "CREATE TABLE animal(id INTEGER PRIMARY KEY, kind TEXT, x REAL, y REAL, herd INT);"
        "CREATE TABLE herd(id INTEGER PRIMARY KEY, name TEXT UNIQUE);"
        "CREATE INDEX by_herd ON animal(herd);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)"
        "  INSERT INTO herd SELECT i, printf('herd %03d', i * 7 % 20) FROM n;"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)"
        "  INSERT INTO animal SELECT i, CASE i % 9 WHEN 0 THEN 'wolf' ELSE 'sheep' END,"
        "    i * 37 % 101 / 3.0, i * 53 % 97 / 7.0, i * 11 % 20 + 1 FROM n;"
        "UPDATE animal SET x = x + 1 WHERE kind LIKE 'w%' OR y > 10;"
        "DELETE FROM animal WHERE id % 17 = 3;", &sum);
    ask(database,
        "SELECT name, count(*), round(avg(x), 3), max(kind) FROM animal JOIN herd ON herd.id = herd"
        "  WHERE y BETWEEN 1 AND 12 GROUP BY name HAVING count(*) > 3 ORDER BY 3 DESC, name;"
        "SELECT a.id, b.id FROM animal a JOIN animal b ON a.herd = b.herd AND a.id < b.id"
        "  WHERE abs(a.x - b.x) < 0.4 AND b.kind = 'wolf' ORDER BY a.x, b.id LIMIT 20;", &sum);
    sqlite3_close(database);
    return sum;
}
