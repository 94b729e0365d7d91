package option

import (
	"errors"

	"weir/abi/guest"
)

// Commitment declares the option of that name. All monitors here default to the same level, so that they can share streams.
var Commitment = guest.OptionDecl{
	Name:    "commitment",
	Type:    guest.ConfigString,
	Default: `"` + string(guest.Confirmed) + `"`,
	Doc:     "PROCESSED for speed (forks included), CONFIRMED, or FINALIZED for certainty",
}

// ReadCommitment reads the option.
func ReadCommitment(c *guest.Config) (guest.Commitment, error) {
	switch level := guest.Commitment(c.String(Commitment.Name)); level {
	case guest.Processed, guest.Confirmed, guest.Finalized:
		return level, nil
	}
	return "", errors.New("config." + Commitment.Name + ": not PROCESSED, CONFIRMED or FINALIZED")
}
