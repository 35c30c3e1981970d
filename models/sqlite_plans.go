package models

/*
#cgo darwin LDFLAGS: -Wl,-undefined,dynamic_lookup

// SQLite's own functions come with its driver: weak here, since this package is linked by itself first.
int sqlite3_auto_extension(void (*entry)(void)) __attribute__((weak));
int sqlite3_db_config(void *connection, int option, ...) __attribute__((weak));

static int keep_plans_of(void *connection, char **message, const void *functions) {
	return sqlite3_db_config(connection, 1007, 1, (int *)0); // SQLITE_DBCONFIG_ENABLE_QPSG
}

static int keep_plans(void) {
	return sqlite3_auto_extension ? sqlite3_auto_extension((void (*)(void))keep_plans_of) : -1;
}
*/
import "C"

import (
	"fmt"
	"sync"
)

// keepPlans lets every connection to SQLite that is opened from now on keep a statement's plan for all values ("query planner
// stability guarantee"). Otherwise SQLite plans each join, and what has an order, anew at each use, also of what the driver keeps
// prepared (preparedStatements), and the driver has no option for it. Values that a plan wants stand in the statement as words.
var keepPlans = sync.OnceValue(func() error {
	if code := C.keep_plans(); code != 0 {
		return fmt.Errorf("database: SQLite refuses to keep plans: code %d", int(code))
	}
	return nil
})
