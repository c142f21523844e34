package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"net/rpc"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

var stdlib = []scenario{
	{"sql-rows", sqlRows},
	{"sql-tx", sqlTx},
	{"sql-pool-exhausted", sqlPoolExhausted},
	{"sql-open-per-request", func() { openDB(); openDB() }},
	{"signal-context", signalContext},
	{"exec", execCommand},
	{"exec-output", execOutput},
	{"rpc-client", rpcClient},
	{"conn-read", connRead},
	{"conn-write", connWrite},
}

// The driver of a database whose queries never end.

type fakeDriver struct{}

func (fakeDriver) Open(string) (driver.Conn, error) { return fakeConn{}, nil }

type fakeConn struct{}

func (fakeConn) Prepare(string) (driver.Stmt, error) { return nil, errors.New("not prepared") }
func (fakeConn) Close() error                        { return nil }
func (fakeConn) Begin() (driver.Tx, error)           { return fakeTx{}, nil }
func (fakeConn) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) {
	return fakeTx{}, nil
}
func (fakeConn) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return fakeRows{}, nil
}

type fakeTx struct{}

func (fakeTx) Commit() error   { return nil }
func (fakeTx) Rollback() error { return nil }

type fakeRows struct{}

func (fakeRows) Columns() []string         { return []string{"n"} }
func (fakeRows) Close() error              { return nil }
func (fakeRows) Next([]driver.Value) error { return nil }

func init() { sql.Register("fake", fakeDriver{}) }

var kept []any // what a leak holds on to

func openDB() *sql.DB {
	db, err := sql.Open("fake", "")
	check(err)
	kept = append(kept, db)
	return db
}

func cancellable() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	kept = append(kept, cancel)
	return ctx
}

func sqlRows() {
	db := openDB()
	rows, err := db.QueryContext(cancellable(), "select 1")
	check(err)
	kept = append(kept, rows)
}

func sqlTx() {
	tx, err := openDB().BeginTx(cancellable(), nil)
	check(err)
	kept = append(kept, tx)
}

func sqlPoolExhausted() {
	db := openDB()
	db.SetMaxOpenConns(1)
	db.SetConnMaxLifetime(time.Hour)
	_, err := db.Conn(context.Background())
	check(err)
	go query(db)
}

func query(db *sql.DB) {
	_, err := db.QueryContext(context.Background(), "select 1")
	check(err)
}

func signalContext() {
	ctx, _ := signal.NotifyContext(context.Background(), syscall.SIGUSR1)
	kept = append(kept, ctx)
}

func execCommand() {
	command := exec.CommandContext(cancellable(), "cat") // ends with its input, that is with this program
	input, err := command.StdinPipe()
	check(err)
	check(command.Start())
	kept = append(kept, input)
	go waitFor(command)
	kept = append(kept, command)
}

func waitFor(command *exec.Cmd) { _ = command.Wait() }

// execOutput lets a grandchild keep the pipe open, so that Wait does not return.
func execOutput() {
	reader, writer, err := os.Pipe()
	check(err)
	command := exec.Command("sh", "-c", "cat <&3 & exit 0")
	command.ExtraFiles = []*os.File{reader}
	command.Stdout = &strings.Builder{}
	check(command.Start())
	kept = append(kept, reader, writer)
	go waitFor(command)
}

func rpcClient() {
	listener := listen()
	go rpc.Accept(listener)
	client, err := rpc.Dial("tcp", listener.Addr().String())
	check(err)
	kept = append(kept, client)
}

func listen() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	return listener
}

// dial returns both ends of a connection.
func dial() (net.Conn, net.Conn) {
	listener := listen()
	client, err := net.Dial("tcp", listener.Addr().String())
	check(err)
	server, err := listener.Accept()
	check(err)
	check(listener.Close())
	kept = append(kept, client, server)
	return client, server
}

func connRead() {
	client, _ := dial()
	go readLoop(client)
}

func readLoop(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

func connWrite() {
	client, _ := dial()
	go writeLoop(client)
}

func writeLoop(conn net.Conn) {
	for {
		if _, err := conn.Write(make([]byte, 1<<20)); err != nil {
			os.Exit(1)
		}
	}
}
