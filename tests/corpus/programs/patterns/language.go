package main

import (
	"context"
	"io"
	"sync"
	"syscall"
	"time"
)

// language holds the patterns of the language itself. The ones that wake come first: their goroutines are then older
// than those that wait.
var language = []scenario{
	{"ticker", func() { go tick(time.NewTicker(300 * time.Millisecond)) }},
	{"ticker-select", func() { go tickOrStop(time.NewTicker(300*time.Millisecond), make(chan struct{})) }},
	{"time-after", func() { go afterOrStop(make(chan struct{})) }},
	{"sleep-loop", func() { go pollForever() }},
	{"early-return", func() { _ = earlyReturn() }},
	{"double-send", doubleSend},
	{"no-consumer", func() { go produce(make(chan int)) }},
	{"full-buffer", fullBuffer},
	{"range-without-close", rangeWithoutClose},
	{"orphan-receiver", func() { go (&session{acks: make(chan int)}).ackLoop() }},
	{"start-without-stop", func() { newPoller().Start() }},
	{"nil-receive", func() { go receiveNil(nil) }},
	{"nil-send", func() { go sendNil(nil) }},
	{"forever", func() { go forever() }},
	{"missing-unlock", missingUnlock},
	{"readers-behind-writer", readersBehindWriter},
	{"writer-behind-writer", writerBehindWriter},
	{"wait-group", waitGroup},
	{"cond", cond},
	{"once", once},
	{"custom-context", customContext},
	{"pipe-writer", func() { go writePipe() }},
	{"pipe-reader", func() { go readPipe() }},
	{"syscall-read", func() { go readBlocking() }},
	{"semaphore-channel", semaphoreChannel},
}

func tick(ticker *time.Ticker) {
	for range ticker.C {
	}
}

func tickOrStop(ticker *time.Ticker, stop chan struct{}) {
	for {
		select {
		case <-ticker.C:
		case <-stop:
			return
		}
	}
}

func afterOrStop(stop chan struct{}) {
	for {
		select {
		case <-time.After(300 * time.Millisecond):
		case <-stop:
			return
		}
	}
}

func pollForever() {
	for {
		time.Sleep(500 * time.Millisecond)
	}
}

func earlyReturn() error {
	result := make(chan int)
	go func() {
		result <- 1
	}()
	return io.ErrUnexpectedEOF
}

func doubleSend() {
	result := make(chan int)
	go func() {
		report(result)
	}()
	<-result
}

func report(result chan int) {
	result <- 1
	result <- 2
}

func produce(items chan int) {
	items <- 1
}

func fullBuffer() {
	queue := make(chan int, 1)
	go fill(queue)
}

func fill(queue chan int) {
	for i := 0; ; i++ {
		enqueue(queue, i)
	}
}

//go:noinline
func enqueue(queue chan int, item int) {
	queue <- item
}

func rangeWithoutClose() {
	items := make(chan int)
	for i := 0; i < 3; i++ {
		go func() {
			for range items {
			}
		}()
	}
	items <- 1
}

type session struct{ acks chan int }

func (s *session) ackLoop() {
	for range s.acks {
	}
}

type poller struct{ jobs, stop chan struct{} }

func newPoller() *poller { return &poller{make(chan struct{}), make(chan struct{})} }

func (p *poller) Start() {
	go func() {
		for {
			select {
			case <-p.jobs:
			case <-p.stop:
				return
			}
		}
	}()
}

func receiveNil(items chan int) { <-items }

func sendNil(items chan int) { items <- 1 }

func forever() { select {} }

type account struct {
	mu sync.Mutex
}

func (a *account) deposit(fail bool) {
	a.mu.Lock()
	if fail {
		return
	}
	a.mu.Unlock()
}

func missingUnlock() {
	shared := &account{}
	shared.deposit(true)
	for i := 0; i < 2; i++ {
		go shared.deposit(false)
	}
}

func readersBehindWriter() {
	var mu sync.RWMutex
	mu.RLock()
	go lockForWriting(&mu)
	time.Sleep(10 * time.Millisecond)
	go lockForReading(&mu)
}

func writerBehindWriter() {
	var mu sync.RWMutex
	mu.Lock()
	go lockForWriting(&mu)
	time.Sleep(10 * time.Millisecond)
	go lockForWriting(&mu)
}

func lockForWriting(mu *sync.RWMutex) {
	mu.Lock()
	mu.Unlock()
}

func lockForReading(mu *sync.RWMutex) {
	mu.RLock()
	mu.RUnlock()
}

func waitGroup() {
	var group sync.WaitGroup
	group.Add(1)
	go waitForAll(&group)
}

func waitForAll(group *sync.WaitGroup) { group.Wait() }

func cond() {
	ready := sync.NewCond(&sync.Mutex{})
	go waitReady(ready)
}

func waitReady(ready *sync.Cond) {
	ready.L.Lock()
	ready.Wait()
	ready.L.Unlock()
}

func once() {
	var setup sync.Once
	never := make(chan int)
	for i := 0; i < 2; i++ {
		go initialise(&setup, never)
		time.Sleep(10 * time.Millisecond)
	}
}

func initialise(setup *sync.Once, never chan int) {
	setup.Do(func() { <-never })
}

// busContext is a context of an own type: the standard library needs a goroutine to watch it.
type busContext struct {
	context.Context
	done chan struct{}
}

func (c busContext) Done() <-chan struct{} { return c.done }

func customContext() {
	parent := busContext{context.Background(), make(chan struct{})}
	_, cancel := context.WithCancel(parent)
	_ = cancel
}

func writePipe() {
	_, writer := io.Pipe()
	_, _ = writer.Write([]byte("x"))
}

func readPipe() {
	reader, _ := io.Pipe()
	_, _ = reader.Read(make([]byte, 1))
}

func readBlocking() {
	var ends [2]int
	check(syscall.Pipe(ends[:]))
	_, _ = syscall.Read(ends[0], make([]byte, 1))
}

func semaphoreChannel() {
	permits := make(chan struct{}, 1)
	permits <- struct{}{}
	go acquire(permits)
}

func acquire(permits chan struct{}) { permits <- struct{}{} }
