package main

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"time"
)

var network = []scenario{
	{"http-body-open", httpBodyOpen},
	{"http-transport-per-request", httpTransportPerRequest},
	{"http-no-timeout", httpNoTimeout},
	{"http-per-host-limit", httpPerHostLimit},
	{"tls-handshake", tlsHandshake},
	{"timeout-handler", timeoutHandler},
	{"reverse-proxy", reverseProxy},
	{"http2", http2},
}

var never = make(chan struct{})

func hang(http.ResponseWriter, *http.Request) { <-never }

// half sends more than the client's buffers hold, and never ends.
func half(w http.ResponseWriter, r *http.Request) {
	_, _ = w.Write(make([]byte, 1<<10))
	w.(http.Flusher).Flush()
	<-r.Context().Done()
}

func quick(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }

func server(handler http.Handler) *httptest.Server {
	server := httptest.NewServer(handler)
	kept = append(kept, server)
	return server
}

func httpBodyOpen() {
	client := &http.Client{Transport: &http.Transport{}}
	response, err := client.Get(server(http.HandlerFunc(half)).URL)
	check(err)
	kept = append(kept, client, response)
}

func httpTransportPerRequest() {
	address := server(http.HandlerFunc(quick)).URL
	for i := 0; i < 3; i++ {
		response, err := (&http.Client{Transport: &http.Transport{}}).Get(address)
		check(err)
		_, _ = io.Copy(io.Discard, response.Body)
		check(response.Body.Close())
	}
}

func httpNoTimeout() {
	go fetch(&http.Client{Transport: &http.Transport{}}, server(http.HandlerFunc(hang)).URL)
	time.Sleep(50 * time.Millisecond)
}

func fetch(client *http.Client, address string) { _, _ = client.Get(address) }

func httpPerHostLimit() {
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	address := server(http.HandlerFunc(hang)).URL
	go fetch(client, address)
	time.Sleep(50 * time.Millisecond)
	go fetch(client, address)
}

// tlsHandshake connects with TLS to a server that never answers.
func tlsHandshake() {
	listener := listen()
	go func() {
		conn, err := listener.Accept()
		check(err)
		kept = append(kept, conn)
	}()
	go fetch(&http.Client{Transport: &http.Transport{}}, "https://"+listener.Addr().String())
	time.Sleep(50 * time.Millisecond)
}

func timeoutHandler() {
	address := server(http.TimeoutHandler(http.HandlerFunc(hang), 50*time.Millisecond, "too late")).URL
	response, err := http.Get(address)
	check(err)
	check(response.Body.Close())
}

func reverseProxy() {
	target, err := url.Parse(server(http.HandlerFunc(hang)).URL)
	check(err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport = &http.Transport{}
	go fetch(&http.Client{Transport: &http.Transport{}}, server(proxy).URL)
	time.Sleep(50 * time.Millisecond)
}

// http2 holds one stream open that the client does not read: the server's handler waits for flow control.
func http2() {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, 8<<20))
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // its own certificate, on the loopback
		ForceAttemptHTTP2: true,
	}}
	ctx, cancel := context.WithCancel(context.Background())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
	check(err)
	response, err := client.Do(request)
	check(err)
	if response.ProtoMajor != 2 {
		panic("not HTTP/2")
	}
	kept = append(kept, server, client, cancel, response)
}
