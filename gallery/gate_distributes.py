# + distributes: what comes from above goes to every input as it is.
x = 3.0
y = -4.0
s = x + y
f = 2.0 * s
print(f)
