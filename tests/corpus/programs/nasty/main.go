// Command nasty starts goroutines that are hard to read in a dump, serves pprof, and dies as its argument says.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"sync"
	"time"
)

var never = make(chan int)

type base struct{ n int }

func (b *base) Wait()   { <-never }
func (b base) WaitVal() { <-never }

type mid struct{ *base }
type outer struct {
	mid
	x int
}
type waiter interface{ Wait() }

type pair[K comparable, V any] struct {
	k K
	v V
}

func (p *pair[K, V]) Hold() { func() { func() { <-never }() }() }

//go:noinline
func hold[T any](t T) { <-never; fmt.Println(t) }

//go:noinline
func dive(n int) int {
	if n == 0 {
		<-never
	}
	return dive(n-1) + 1
}

func labelled(pairs ...string) {
	go pprof.Do(context.Background(), pprof.Labels(pairs...), func(context.Context) {
		go func() { <-never }()
		time.Sleep(time.Hour)
	})
}

type multi struct{ a, b string }

func (m multi) Error() string { return m.a + "\n\t" + m.b + "\n\ngoroutine 9 [running]:\nmain.fake()\n\t/srv/fake.go:1 +0x1" }

type boom struct{}

func (boom) Error() string { panic("error in Error") }

func start() {
	for _, s := range []string{"a}:b], c: d", "q\"\\", "\n\t\r\x00\x7f\x1f", "é世\U0001f600", "\xff\xfe", " labels:{", "]:", "goroutine 7 [running]:", "", "minutes, 5 minutes"} {
		labelled("k", s, s, "v")
	}
	labelled("a", "1", "b", "2", "c", "3", "d", "4")
	o := &outer{mid: mid{&base{}}}
	go o.Wait()
	go o.WaitVal()
	var w waiter = &struct {
		*base
		tag int
	}{&base{}, 1}
	go w.Wait()
	f := w.Wait
	go f()
	go func() { w.Wait() }()
	p := &pair[struct {
		A int `json:"a"`
		B [2]string
	}, map[string][]interface{}]{}
	go p.Hold()
	go hold(struct{ X, Y interface{} }{})
	go hold[func(int, ...string) (error, bool)](nil)
	go hold(pair[string, pair[int, error]]{})
	for _, n := range []int{1, 40, 60, 99, 100, 101, 102, 5000} {
		go dive(n)
	}
	go func() { runtime.LockOSThread(); <-never }()
	go func() { defer func() { defer func() { <-never }() }() }()
	go func() {
		defer func() { recover(); <-never }()
		panic("held")
	}()
	go func() {
		defer func() { <-never }()
		var m map[string]int
		m["x"] = 1
	}()
	go func() { select {} }()
	go func() { var c chan int; <-c }()
	go func() { var c chan int; c <- 1 }()
	go func() { c := make(chan int); c <- 1 }()
	go func() { select { case <-never: case never <- 1: } }()
	var mu sync.Mutex
	mu.Lock()
	go mu.Lock()
	go func() { mu.Lock() }()
	var rw sync.RWMutex
	rw.Lock()
	go rw.RLock()
	go rw.Lock()
	var wg sync.WaitGroup
	wg.Add(1)
	go wg.Wait()
	c := sync.NewCond(&mu)
	go func() { m := &sync.Mutex{}; cc := sync.NewCond(m); m.Lock(); cc.Wait() }()
	_ = c
	var once sync.Once
	go once.Do(func() { <-never })
	go once.Do(func() {})
	r, wp := io.Pipe()
	go io.ReadAll(r)
	go func() { wp2 := &bufw{}; io.Copy(wp2, r) }()
	_ = wp
	go func() { cmd := exec.Command("sleep", "60"); cmd.Stdout = &bufw{}; cmd.Run() }()
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	go l.Accept()
	go func() { cn, _ := net.Dial("tcp", l.Addr().String()); io.ReadAll(cn) }()
	time.AfterFunc(time.Millisecond, func() { <-never })
	x := new([64]int)
	runtime.SetFinalizer(x, func(*[64]int) { <-never })
	x = nil
	go func() { t := time.NewTicker(time.Hour); <-t.C }()
	go func() { for { runtime.Gosched() } }()
	go os.Stdin.Read(make([]byte, 1))
	ctx, cancel := context.WithCancel(context.Background())
	_ = cancel
	go func() { <-ctx.Done() }()
	go func() { defer runtime.Goexit(); defer func() { <-never }() }()
	go 世界()
	go new(Ünï).Größe()
	time.Sleep(300 * time.Millisecond)
	runtime.GC()
	time.Sleep(300 * time.Millisecond)
}

type Ünï struct{}

func (*Ünï) Größe() { <-never }
func 世界()          { <-never }

type bufw struct{}

func (*bufw) Write(p []byte) (int, error) { return len(p), nil }

func stacks(all bool, n int) { b := make([]byte, n); os.Stdout.Write(b[:runtime.Stack(b, all)]) }

func main() {
	how := os.Args[1]
	if how == "cut" {
		start()
		var n int
		fmt.Sscan(os.Args[2], &n)
		stacks(true, n)
		return
	}
	switch how {
	case "http":
		start()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(l.Addr())
		http.HandleFunc("/boom", func(http.ResponseWriter, *http.Request) { panic("boom\nsecond line") })
		http.HandleFunc("/abort", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		log.Fatal(http.Serve(l, nil))
	case "serve-panics":
		l, _ := net.Listen("tcp", "127.0.0.1:0")
		http.HandleFunc("/boom", func(http.ResponseWriter, *http.Request) { panic("boom\nsecond line") })
		http.HandleFunc("/nil", func(http.ResponseWriter, *http.Request) { var p *base; p.n = 1 })
		http.HandleFunc("/stack", func(http.ResponseWriter, *http.Request) { log.Printf("stack:\n%s", debug.Stack()) })
		go http.Serve(l, nil)
		for i := 0; i < 3; i++ {
			for _, p := range []string{"boom", "nil", "stack", "stack"} {
				http.Get("http://" + l.Addr().String() + "/" + p)
			}
		}
		time.Sleep(100 * time.Millisecond)
	case "panic-multi":
		panic(multi{"first", "second"})
	case "panic-in-error":
		panic(boom{})
	case "panic-joined":
		panic(errors.Join(errors.New("one"), fmt.Errorf("two: %w", io.EOF)))
	case "panic-wrapped-again":
		defer func() {
			r := recover()
			defer func() { panic(fmt.Sprintf("again: %v\n%s", r, debug.Stack())) }()
			panic("middle")
		}()
		panic("first")
	case "panic-repanic":
		defer func() { panic(recover()) }()
		panic("same")
	case "panic-goexit":
		go func() { defer func() { panic("during goexit") }(); runtime.Goexit() }()
		time.Sleep(time.Second)
	case "panic-float":
		panic(3.5)
	case "panic-nested-type":
		panic(&pair[string, []int]{})
	case "panic-busy":
		start()
		panic("busy")
	case "map":
		m := map[int]int{}
		for i := 0; i < 8; i++ {
			go func() { for { m[1]++; _ = m[2] } }()
		}
		time.Sleep(5 * time.Second)
	case "deadlock":
		var mu sync.Mutex
		mu.Lock()
		go func() { mu.Lock() }()
		go func() { select {} }()
		var wg sync.WaitGroup
		wg.Add(1)
		wg.Wait()
	case "overflow":
		start()
		var f func(int, [4]int) int
		f = func(n int, a [4]int) int { return f(n+1, a) + a[n&3] }
		f(0, [4]int{})
	case "oom":
		start()
		n := 1 << 30; b := make([]byte, uint64(n)<<16)
		_ = b
	case "printstack":
		for i := 0; i < 3; i++ {
			debug.PrintStack()
			stacks(false, 1<<16)
			go func() { debug.PrintStack() }()
			time.Sleep(10 * time.Millisecond)
		}
		stacks(true, 1<<20)
		stacks(true, 1<<20)
	case "wait":
		start()
		fmt.Println("ready")
		time.Sleep(20 * time.Second)
	}
}
