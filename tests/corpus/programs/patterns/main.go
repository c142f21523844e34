// Command patterns produces goroutines of many known patterns, on purpose, and
// writes dumps of itself in every form.
//
//	patterns -out DIR [-wait 5m] [SCENARIO ...]
//
// Every scenario runs under the pprof label scenario=NAME, which its goroutines
// inherit. The last dump is that of SIGQUIT, on standard error; the program ends with it.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"sort"
	"strings"
	"syscall"
	"time"
)

type scenario struct {
	name string
	run  func()
}

func main() {
	out := flag.String("out", ".", "folder for the dumps")
	wait := flag.Duration("wait", time.Second, "how long to let the goroutines wait before the dumps")
	flag.Parse()
	log.SetOutput(os.Stdout)
	for _, one := range chosen(flag.Args()) {
		start(one)
	}
	settle(*wait)
	for _, form := range []struct {
		file  string
		debug int
	}{{"debug2.txt", 2}, {"debug1.txt", 1}, {"debug0.pb.gz", 0}} {
		write(filepath.Join(*out, form.file), form.debug)
	}
	check(syscall.Kill(os.Getpid(), syscall.SIGQUIT))
	select {}
}

// chosen returns the scenarios of these names, or all.
func chosen(names []string) []scenario {
	all := append(append(append([]scenario{}, language...), stdlib...), network...)
	if len(names) == 0 {
		return all
	}
	known := map[string]scenario{}
	for _, one := range all {
		known[one.name] = one
	}
	picked := []scenario{}
	for _, name := range names {
		one, ok := known[name]
		if !ok {
			log.Fatalf("no scenario %q; there are %s", name, strings.Join(keys(known), ", "))
		}
		picked = append(picked, one)
	}
	return picked
}

func keys(known map[string]scenario) []string {
	names := []string{}
	for name := range known {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// start lets a scenario set itself up under its label.
func start(one scenario) {
	done := make(chan struct{})
	go pprof.Do(context.Background(), pprof.Labels("scenario", one.name), func(context.Context) {
		one.run()
		close(done)
	})
	<-done
	time.Sleep(20 * time.Millisecond)
}

// settle waits, with garbage collections, so that the waits are stamped.
func settle(wait time.Duration) {
	end := time.Now().Add(wait)
	for time.Now().Before(end) {
		runtime.GC()
		time.Sleep(min(time.Until(end), 20*time.Second))
	}
}

func write(path string, debug int) {
	file, err := os.Create(path)
	check(err)
	check(pprof.Lookup("goroutine").WriteTo(file, debug))
	check(file.Close())
	fmt.Println(path)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
