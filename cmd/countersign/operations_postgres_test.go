package main

import (
	"strings"
	"testing"

	"countersign/models/pgtest"
)

// operationsOfPostgres is an empty server, its owner's address, and that of the role which the section makes.
func operationsOfPostgres(t *testing.T) []string {
	neededProgram(t, "psql", "postgresql-client")
	server := pgtest.NewServer(t)
	server.Do("postgres", "CREATE DATABASE countersign")
	environ, _ := serveVariables(t)
	owner := "postgres://postgres@/countersign?host=" + server.Folder
	return append(environ, "OWNER="+owner, "SERVES="+strings.Replace(owner, "postgres@", "countersign@", 1))
}

func operationsOfPgBouncer(t *testing.T) []string {
	environ, _ := serveVariables(t)
	pooled, direct := pgtest.BouncerAndDirect(t)
	return append(environ, "POOLED="+pooled, "DIRECT="+direct)
}
