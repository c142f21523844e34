// Command stock is a small service with two bugs, recorded in the folder above.
//
//	stock                  serves 127.0.0.1:8080, and a supplier that never answers on 127.0.0.1:8081
//	stock -clients 30      asks the service, each client one request at a time
//
// Bug 1: reorder holds the lock of the whole stock while it waits for the supplier, without a time-out.
// Bug 2: audit writes to a map that nobody made.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"sync"
	"time"
)

type stock struct {
	mu    sync.Mutex
	count map[string]int
	seen  map[string]int // never made: bug 2
}

func main() {
	clients := flag.Int("clients", 0, "ask the service with this many clients")
	flag.Parse()
	if *clients > 0 {
		ask(*clients)
		return
	}
	s := &stock{count: map[string]int{"apples": 500, "pears": 20}}
	go s.refresh(2 * time.Second)
	go supplier()
	http.HandleFunc("/available", s.available)
	http.HandleFunc("/buy", s.buy)
	log.Print("stock serves on 127.0.0.1:8080")
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", nil))
}

// available tells how many there are; it only reads, but it needs the lock too.
func (s *stock) available(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintln(w, s.count[r.FormValue("item")])
}

// buy takes one away, and orders more when few are left.
func (s *stock) buy(w http.ResponseWriter, r *http.Request) {
	item := r.FormValue("item")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count[item]--
	if s.count[item] < 10 {
		s.reorder(item)
	}
	if r.FormValue("audit") != "" {
		go s.audit(item)
	}
	fmt.Fprintln(w, s.count[item])
}

// reorder asks the supplier while the caller holds the lock: bug 1.
func (s *stock) reorder(item string) {
	log.Printf("few %s left, asking the supplier", item)
	answer, err := http.Get("http://127.0.0.1:8081/order?item=" + item)
	if err != nil {
		log.Print(err)
		return
	}
	defer answer.Body.Close()
	s.count[item] += 100
}

func (s *stock) audit(item string) {
	s.seen[item]++
}

// refresh reads the catalogue again and again, as services do: it makes garbage, and no use of the lock.
func (s *stock) refresh(every time.Duration) {
	for range time.Tick(every) {
		page := make([]byte, 8<<20)
		for i := range page {
			page[i] = byte(i)
		}
	}
}

func supplier() {
	never := make(chan struct{})
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-never })
	log.Fatal(http.ListenAndServe("127.0.0.1:8081", handler))
}

func ask(clients int) {
	var all sync.WaitGroup
	for n := range clients {
		all.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			for {
				path := "available?item=apples"
				if n == 0 {
					path = "buy?item=pears"
				}
				answer, err := client.Get("http://127.0.0.1:8080/" + path)
				if err != nil {
					return
				}
				answer.Body.Close()
				time.Sleep(500 * time.Millisecond)
			}
		})
	}
	all.Wait()
}
