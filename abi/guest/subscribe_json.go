package guest

// writeRequest writes the subscription as a SubscribeRequest in protobuf JSON.
func (s *Subscription) writeRequest(o *object) {
	o.open()
	for i := range s.maps {
		m := &s.maps[i]
		o.name(m.kind)
		o.open()
		for k, name := range m.names {
			o.name(name)
			o.open()
			m.write[k](o)
			o.close()
		}
		o.close()
	}
	if s.commitment != "" {
		o.text("commitment", string(s.commitment))
	}
	if len(s.slices) > 0 {
		o.name("accountsDataSlice")
		writeList(o, s.slices, func(d DataSlice) {
			o.open()
			o.u64("offset", d.Offset)
			o.u64("length", d.Length)
			o.close()
		})
	}
	o.close()
}

func writeList[T any](o *object, list []T, write func(T)) {
	o.buf = append(o.buf, '[')
	for i, v := range list {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		write(v)
	}
	o.buf = append(o.buf, ']')
}

func (o *object) tri(name string, v Tri) {
	if v != Any {
		o.bool(name, v == True)
	}
}

func (o *object) keys(name string, keys []string) {
	if len(keys) > 0 {
		o.texts(name, keys)
	}
}

func (f TransactionFilter) write(o *object) {
	o.tri("vote", f.Vote)
	o.tri("failed", f.Failed)
	if f.Signature != "" {
		o.text("signature", f.Signature)
	}
	o.keys("accountInclude", f.AccountInclude)
	o.keys("accountExclude", f.AccountExclude)
	o.keys("accountRequired", f.AccountRequired)
	f.CuckooInclude.write("cuckooAccountInclude", o)
	if f.TokenAccounts != "" {
		o.text("tokenAccounts", string(f.TokenAccounts))
	}
}

func (f AccountFilter) write(o *object) {
	o.keys("account", f.Account)
	o.keys("owner", f.Owner)
	if len(f.States) > 0 {
		o.name("filters")
		writeList(o, f.States, func(s AccountState) { s.write(o) })
	}
	o.tri("nonemptyTxnSignature", f.NonemptyTxnSignature)
	f.Cuckoo.write("cuckooAccountsFilter", o)
}

func (s AccountState) write(o *object) {
	o.open()
	switch s.kind {
	case "memcmp":
		o.name("memcmp")
		o.open()
		o.u64("offset", s.number)
		o.base64("bytes", s.bytes)
		o.close()
	case "lamports":
		o.name("lamports")
		o.open()
		o.u64(s.op, s.number)
		o.close()
	case "datasize":
		o.u64("datasize", s.number)
	case "tokenAccountState":
		o.bool("tokenAccountState", true)
	}
	o.close()
}

func (f SlotFilter) write(o *object) {
	o.tri("filterByCommitment", f.FilterByCommitment)
	o.tri("interslotUpdates", f.InterslotUpdates)
}

func (f BlockFilter) write(o *object) {
	o.keys("accountInclude", f.AccountInclude)
	o.tri("includeTransactions", f.IncludeTransactions)
	o.tri("includeAccounts", f.IncludeAccounts)
	o.tri("includeEntries", f.IncludeEntries)
	f.CuckooInclude.write("cuckooAccountInclude", o)
}

func (c *Cuckoo) write(name string, o *object) {
	if c == nil {
		return
	}
	o.name(name)
	o.open()
	o.base64("data", c.Data)
	o.u32("bucketCount", c.BucketCount)
	o.u32("entriesPerBucket", c.EntriesPerBucket)
	o.u32("fingerprintBits", c.FingerprintBits)
	o.u64("hashSeed", c.HashSeed)
	o.close()
}

func (o *object) base64(name string, b []byte) {
	o.name(name)
	o.buf = append(o.buf, '"')
	o.buf = appendBase64(o.buf, b)
	o.buf = append(o.buf, '"')
}
