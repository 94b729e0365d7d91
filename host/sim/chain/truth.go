package chain

// Fact is one event that a monitor has to find in an update. It marshals to the event's JSON object.
type Fact struct {
	Monitor string // "pumpfun-price-monitor" and so on
}

// Facts returns what the monitors have to find in u, in the order of the transaction's instructions.
func (u *Update) Facts() []Fact { return u.truth }
