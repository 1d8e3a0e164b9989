//go:build !unix

package resolve

// makeFIFO does nothing: this system has no such files.
func makeFIFO(string) error { return nil }
