package guest

// Reset makes u read other bytes, as a module does between calls of Match.
func Reset(u *Update, raw []byte, filters uint64) { u.reset(raw, filters) }
