package geyser

// Names gives every distinct server filter a short name. Equal filters (whatever the order and repetition in their lists)
// share one name for as long as the registry lives, and no name is ever given to a second filter. The zero Names is ready
// to use, by one goroutine at a time.
type Names struct{ count uint64 }
