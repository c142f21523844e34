// Command parked serves net/http/pprof and a metrics page of a process with
// many goroutines that wait for ever, over TCP, a unix socket or TLS.
//
//	parked [-count 25000] [-depth 3] [-unix PATH] [-user NAME -password TEXT]
//	       [-cert FILE -key FILE -client-ca FILE]
//
// It prints the address when all of them wait.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"runtime"
	"sync"
)

// wait goes so many frames deep, says that it is there, and waits for ever.
//
//go:noinline
func wait(depth int, arrived *sync.WaitGroup, never chan int) int {
	if depth > 0 {
		return wait(depth-1, arrived, never) + 1
	}
	arrived.Done()
	return <-never
}

func main() {
	count := flag.Int("count", 0, "goroutines")
	depth := flag.Int("depth", 3, "frames of each")
	socket := flag.String("unix", "", "path of a socket")
	user := flag.String("user", "", "name for basic authentication")
	password := flag.String("password", "", "and its password")
	cert := flag.String("cert", "", "certificate")
	key := flag.String("key", "", "its key")
	clientCA := flag.String("client-ca", "", "authority of client certificates")
	flag.Parse()

	var arrived sync.WaitGroup
	never := make(chan int)
	arrived.Add(*count)
	for i := 0; i < *count; i++ {
		go wait(*depth, &arrived, never)
	}
	arrived.Wait()

	http.HandleFunc("/metrics", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "# TYPE go_goroutines gauge\ngo_goroutines %d\n", runtime.NumGoroutine())
	})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, given, _ := r.BasicAuth()
		if *user != "" && (name != *user || given != *password) {
			w.Header().Set("WWW-Authenticate", `Basic realm="parked"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		http.DefaultServeMux.ServeHTTP(w, r)
	})

	network, address := "tcp", "127.0.0.1:0"
	if *socket != "" {
		network, address = "unix", *socket
	}
	listener, err := net.Listen(network, address)
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Handler: handler, ErrorLog: log.New(os.Stderr, "", 0)}
	fmt.Println(listener.Addr())
	if *cert == "" {
		log.Fatal(server.Serve(listener))
	}
	pem, err := os.ReadFile(*clientCA)
	if err != nil {
		log.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	server.TLSConfig = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
	log.Fatal(server.ServeTLS(listener, *cert, *key))
}
