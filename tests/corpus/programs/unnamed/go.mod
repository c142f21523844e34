module example.com/eq
go 1.21
