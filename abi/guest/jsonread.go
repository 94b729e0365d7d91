package guest

import (
	"unicode/utf16"
	"unicode/utf8"

	"weir/abi"
)

// maxJSONDepth bounds the nesting of a config's JSON.
const maxJSONDepth = 64

// jsonType tells a value's type by its first byte, "" for null and for what is no value.
func jsonType[T string | []byte](value T) abi.ConfigType {
	if len(value) == 0 {
		return ""
	}
	switch c := value[0]; {
	case c == '{':
		return abi.ConfigObject
	case c == '[':
		return abi.ConfigArray
	case c == '"':
		return abi.ConfigString
	case c == 't' || c == 'f':
		return abi.ConfigBool
	case c == '-' || c >= '0' && c <= '9':
		return abi.ConfigNumber
	}
	return ""
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

// skipValue returns the offset behind the value at b[i], -1 where there is no valid one.
func skipValue(b []byte, i, depth int) int {
	if i >= len(b) || depth > maxJSONDepth {
		return -1
	}
	switch c := b[i]; c {
	case '{', '[':
		return skipComposite(b, i, depth)
	case '"':
		return skipString(b, i)
	case 't':
		return skipWord(b, i, "true")
	case 'f':
		return skipWord(b, i, "false")
	case 'n':
		return skipWord(b, i, "null")
	}
	return skipNumber(b, i)
}

func skipComposite(b []byte, i, depth int) int {
	closing := b[i] + 2 // '}' and ']' are two behind '{' and '['
	if i = skipSpace(b, i+1); i < len(b) && b[i] == closing {
		return i + 1
	}
	for {
		if closing == '}' {
			if i = skipSpace(b, skipString(b, i)); i <= 0 || i >= len(b) || b[i] != ':' {
				return -1
			}
			i = skipSpace(b, i+1)
		}
		if i = skipValue(b, i, depth+1); i < 0 {
			return -1
		}
		i = skipSpace(b, i)
		if i >= len(b) || b[i] != ',' && b[i] != closing {
			return -1
		}
		if b[i] == closing {
			return i + 1
		}
		i = skipSpace(b, i+1)
	}
}

// skipString returns the offset behind the string at b[i], at least 0 for skipSpace: 0 where there is none.
func skipString(b []byte, i int) int {
	if i >= len(b) || b[i] != '"' {
		return 0
	}
	for i++; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1
		case c == '\\':
			if i = skipEscape(b, i+1); i == 0 {
				return 0
			}
		case c < 0x20:
			return 0
		}
	}
	return 0
}

// skipEscape returns the offset of the last byte of the escape whose letter is at b[i], 0 where it is none.
func skipEscape(b []byte, i int) int {
	if i >= len(b) {
		return 0
	}
	switch b[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i
	case 'u':
		if _, ok := hexRune(b[i+1:]); ok {
			return i + 4
		}
	}
	return 0
}

func skipWord(b []byte, i int, word string) int {
	if len(b)-i < len(word) || string(b[i:i+len(word)]) != word {
		return -1
	}
	return i + len(word)
}

func skipNumber(b []byte, i int) int {
	digits := func() bool {
		start := i
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
		}
		return i > start
	}
	if b[i] == '-' {
		i++
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if !digits() {
		return -1
	}
	if i < len(b) && b[i] == '.' {
		if i++; !digits() {
			return -1
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return -1
		}
	}
	return i
}

// eachMember calls f for every member of a valid JSON object.
func eachMember(object []byte, f func(name string, value []byte)) {
	for i := skipSpace(object, 1); i < len(object) && object[i] == '"'; {
		end := skipString(object, i)
		name := unquote(object[i:end])
		i = skipSpace(object, skipSpace(object, end)+1)
		end = skipValue(object, i, 0)
		f(name, object[i:end])
		i = skipSpace(object, skipSpace(object, end)+1)
	}
}

// eachElement calls f for every element of a valid JSON array.
func eachElement(array []byte, f func(value []byte)) {
	for i := skipSpace(array, 1); i < len(array) && array[i] != ']'; {
		end := skipValue(array, i, 0)
		f(array[i:end])
		i = skipSpace(array, skipSpace(array, end)+1)
	}
}

// unquote returns the text of a valid JSON string. Halves of surrogate pairs become U+FFFD.
func unquote(s []byte) string {
	s = s[1 : len(s)-1]
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out = append(out, s[i])
			continue
		}
		i++
		switch s[i] {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, _ := hexRune(s[i+1:])
			if i += 4; utf16.IsSurrogate(r) {
				if pair := utf16.DecodeRune(r, escapedRune(s[i+1:])); pair != utf8.RuneError {
					r = pair
					i += 6
				}
			}
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, s[i])
		}
	}
	return string(out)
}

// escapedRune returns what a \u escape at the start of s names, U+FFFD where there is none.
func escapedRune(s []byte) rune {
	if len(s) >= 6 && s[0] == '\\' && s[1] == 'u' {
		if r, ok := hexRune(s[2:]); ok {
			return r
		}
	}
	return utf8.RuneError
}

// hexRune reads four hexadecimal digits.
func hexRune(s []byte) (r rune, ok bool) {
	if len(s) < 4 {
		return 0, false
	}
	for _, c := range s[:4] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
