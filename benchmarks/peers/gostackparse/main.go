// Times gostackparse's public API on bytes already in memory: prints one JSON object per round.
package main

import (
	"bytes"
	"encoding/json"
	"log"
	"os"
	"runtime"
	"strconv"
	"time"

	"benchmark/gostackparse"
)

type round struct {
	Bytes      int     `json:"bytes"`
	Seconds    float64 `json:"seconds"`
	Goroutines int     `json:"goroutines"`
	Errors     int     `json:"errors"`
}

func main() {
	data, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	rounds, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	out := json.NewEncoder(os.Stdout)
	for range rounds {
		runtime.GC()
		start := time.Now()
		goroutines, errs := gostackparse.Parse(bytes.NewReader(data))
		seconds := time.Since(start).Seconds()
		if err := out.Encode(round{len(data), seconds, len(goroutines), len(errs)}); err != nil {
			log.Fatal(err)
		}
	}
}
