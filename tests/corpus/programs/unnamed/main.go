package main

import (
	"os"
	"runtime/debug"
	"sync"
)

type k struct {
	a [3]interface{}
	b struct{ x, y interface{} }
}

type locker interface{ Lock() }
type P struct{ n int }
func (p *P) Lock() { debug.PrintStack(); debug.SetTraceback("system"); panic("in Lock") }
func (p P) Val() { panic("in Val") }

//go:noinline
func call(l locker) { l.Lock() }

type valer interface{ Val() }

//go:noinline
func cmp(a, b interface{}) bool { return a == b }

func main() {
	var wg sync.WaitGroup
	_ = wg
	switch os.Args[1] {
	case "eq":
		f := func() {}
		cmp(k{a: [3]interface{}{1, 2, f}}, k{a: [3]interface{}{1, 2, f}})
	case "eqs":
		f := func() {}
		cmp(struct{ x, y string; z [2]interface{} }{z: [2]interface{}{1, f}}, struct{ x, y string; z [2]interface{} }{z: [2]interface{}{1, f}})
	case "emb":
		call(&struct {
			*P
			x int
		}{&P{}, 2})
	case "val":
		var v valer = &struct {
			P
			x int
		}{P{}, 2}
		v.Val()
	case "hash":
		m := map[interface{}]int{}
		m[struct{ a, b string; c interface{} }{c: func() {}}] = 1
	}
}
