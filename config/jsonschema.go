package config

import (
	"bytes"
	"encoding/json"
)

// schema is the part of JSON Schema that is used here.
type schema struct {
	Comment     string `json:"$comment,omitempty"`
	Schema      string `json:"$schema,omitempty"`
	ID          string `json:"$id,omitempty"`
	Ref         string `json:"$ref,omitempty"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Type        types  `json:"type,omitempty"`
	Enum        []any  `json:"enum,omitempty"`
	Const       string `json:"const,omitempty"`
	Pattern     string `json:"pattern,omitempty"`
	// Hint is what editors say in place of the pattern; no part of the standard.
	Hint       string             `json:"patternErrorMessage,omitempty"`
	MinLength  int                `json:"minLength,omitempty"`
	MinItems   int                `json:"minItems,omitempty"`
	Default    any                `json:"default,omitempty"`
	Examples   []any              `json:"examples,omitempty"`
	Prefix     []*schema          `json:"prefixItems,omitempty"`
	Items      *schema            `json:"items,omitempty"`
	Properties properties         `json:"properties,omitempty"`
	Required   []string           `json:"required,omitempty"`
	Additional any                `json:"additionalProperties,omitempty"` // false or a *schema
	AllOf      []*schema          `json:"allOf,omitempty"`
	If         *schema            `json:"if,omitempty"`
	Then       *schema            `json:"then,omitempty"`
	Defs       map[string]*schema `json:"$defs,omitempty"`
}

// types are the allowed types; one alone stands without brackets.
type types []string

// MarshalJSON writes a text or a list of texts.
func (ts types) MarshalJSON() ([]byte, error) {
	if len(ts) == 1 {
		return json.Marshal(ts[0])
	}
	return json.Marshal([]string(ts))
}

// properties keeps the order of the declaration, which editors show.
type properties []property

type property struct {
	key string
	of  *schema
}

// MarshalJSON writes an object whose keys keep their order.
func (ps properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, p := range ps {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := plainJSON(p.key)
		if err != nil {
			return nil, err
		}
		of, err := plainJSON(p.of)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(of)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// plainJSON leaves <, > and & as they are: people read the schema.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}
