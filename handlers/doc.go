// Package handlers puts the server together: one table of routes, and around it what
// every request passes.
//
// # The way of a request
//
//	server.go   request id, log line, security headers, panic, time limit
//	routes.go   the one table: who may use a route, from which origins, with how much body
//	web         the rules of the table, and the one place where an error becomes an answer
//	limits      counts how often something is asked for
//	metrics     what a monitoring system is told
//	gate        bounds how much of one kind is at work at once
//	keyfetch    fetches the keys of clients from their own addresses
//	device      the endpoints of client instances, the page for their people, a sample API
//	console     what the pages of staff share
//	signin      the way of staff in and out, with the organisation's provider
//	counter     the console of operators: counter and visit
//	review      the pages of supervisors
//	admin       the pages of administrators
//	guide       the pages that explain
//	tlog        the Merkle log, for everybody
//	witness     a witness of logs, and a log's client of witnesses: a server of its own
//	notices     what accounts' contacts are told, and their answer
//	home.go     where staff begin
//	health.go   whether the process serves, and whether it is ready
//
// The same verb has the same file name in each layer, so that the way of a visit can be
// read off the folders: device_authorization, search, match, proof, decide, redeem.
package handlers
