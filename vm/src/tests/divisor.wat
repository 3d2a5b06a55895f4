;; A generated module, cut down while wasmi 2.0.0 still computed it wrong.
(module
  (type (;0;) (func))
  (type (;1;) (func (param f32 i64 f64)))
  (memory (;0;) 2 42)
  (global (;0;) (mut f64) f64.const -0x1.b61b4b9decd47p-704)
  (global (;1;) f64 f64.const 0x1.ccea8fc1ecf6ap+624)
  (global (;2;) f64 f64.const -0x1.ac06e0a65d60cp+167)
  (global (;3;) (mut i32) i32.const -1562820308)
  (global (;4;) (mut i64) i64.const 0)
  (global (;5;) (mut i64) i64.const 0)
  (global (;6;) (mut i32) i32.const 0)
  (global (;7;) (mut i32) i32.const 0)
  (global (;9;) (mut i64) i64.const 65536)
  (export "" (func 0))
  (func (;0;) (type 1) (param f32 i64 f64)
    (local i32 i64 i32 i64 f64 i32 i64 f64 i32 i32 i64 i32 i64 i32 i64 i32 i32 i32 i32 i32 i32 i64 i32 i64 i32 i64)
    global.get 8
    i64.const 27
    i64.sub
    global.set 8
    global.get 8
    i64.const 0
    i64.lt_s
    if
    end
    i32.const 524288
    f64.const -nan:0xffffffe000000
    i32.trunc_sat_f64_s
    f32.reinterpret_i32
    i32.const 4194303
    global.get 3
    i64.extend_i32_s
    f32.convert_i64_u
    i64.const 36028797018963968
    f64.const -nan:0xfefffffffffff
    block (result f64)
      block
        block
          memory.size
          local.set 3
          block
            block
            end
            global.get 8
            i64.const 4
            i64.sub
            global.set 8
            i64.const 0
            local.set 4
          end
          global.get 8
          i64.const 10
          i64.sub
          i32.const -555577458
          local.set 5
          block
            block
            end
            global.get 8
            i64.const 4
            i64.sub
            global.set 8
            i64.const 0
            local.set 6
          end
          local.get 6
          f32.const 0x1.b66c4p+56
          loop (result i32)
            global.get 8
            i64.const 3
            i64.sub
            global.set 8
            global.get 8
            i64.const 0
            i64.lt_s
            if
            end
            global.get 8
            i64.const 12
            i64.sub
            global.set 8
            local.get 7
            i32.trunc_f64_u
            local.set 8
            block
              block
              end
              global.get 8
              i64.const 4
              i64.sub
              global.set 8
              i64.const 0
              local.set 9
            end
            global.get 8
            i64.const 8
            i64.sub
            global.set 8
            local.get 9
            block
              f64.const -nan:0xfffffffffffdf
              i64.trunc_sat_f64_s
              i32.const -1073741824
              global.set 3
              loop
                global.get 8
                i64.const 13
                i64.sub
                global.set 8
                global.get 8
                i64.const 0
                i64.lt_s
                if
                end
                f64.const 0x1.f696095f11e16p+26
                local.get 10
                f64.ne
                local.get 10
                f64.const inf
                f64.eq
                local.get 10
                f64.const -inf
                f64.eq
                i32.or
                i32.or
                if
                  global.get 8
                  i64.const 4
                  i64.sub
                  global.set 8
                  f64.const 0x0p+0
                  local.set 10
                end
                global.get 8
                i64.const 6
                i64.sub
                global.set 8
                local.get 10
                f64.const 0x0p+0
                f64.lt
                if
                  global.get 8
                  i64.const 4
                  i64.sub
                  global.set 8
                  f64.const 0x0p+0
                  local.set 10
                end
                global.get 8
                i64.const 6
                i64.sub
                global.set 8
                local.get 10
                f64.const 0x1.fffffffffffffp+62
                f64.gt
                if
                  global.get 8
                  i64.const 4
                  i64.sub
                  global.set 8
                  f64.const 0x1.fffffffffffffp+62
                  local.set 10
                end
                global.get 8
                i64.const 33
                i64.sub
                global.set 8
                local.get 10
                i64.trunc_f64_u
                f32.convert_i64_u
                global.get 2
                local.get 2
                f64.lt
                local.get 0
                memory.size
                f32.reinterpret_i32
                f32.add
                i32.reinterpret_f32
                i32.rem_u
                loop (result i64)
                  block
                    block
                    end
                    global.get 8
                    i64.const 4
                    i64.sub
                    global.set 8
                    i32.const 0
                    local.set 19
                  end
                  block
                    block
                    end
                    global.get 8
                    i64.const 4
                    i64.sub
                    global.set 8
                    i32.const 0
                    local.set 21
                  end
                  local.get 21
                  i32.const 1
                  local.get 22
                  local.get 22
                  i32.eqz
                  select
                  i32.div_u
                  return
                  block
                    block
                    end
                    global.get 8
                    i64.const 4
                    i64.sub
                    global.set 8
                    i64.const 0
                    local.set 24
                  end
                  block
                    block
                    end
                    global.get 8
                    i64.const 4
                    i64.sub
                    global.set 8
                    i64.const 0
                    local.set 28
                  end
                end
                global.get 4
                i64.xor
                global.set 4
                global.get 7
                i32.xor
                global.set 7
                i32.reinterpret_f32
                global.get 6
                i32.xor
                global.set 6
              end
              global.get 4
              i64.xor
              global.set 4
            end
            global.get 4
            i64.xor
            global.set 4
            i32.const 640097082
          end
          global.get 7
          i32.xor
          global.set 7
          i32.reinterpret_f32
          global.get 6
          i32.xor
          global.set 6
          global.get 4
          i64.xor
          global.set 4
          global.get 4
          i64.xor
          global.set 4
        end
      end
      f64.const 0x1.ffffep-1055
    end
    i64.reinterpret_f64
    global.get 5
    i64.xor
    global.set 5
    i64.reinterpret_f64
    global.get 5
    i64.xor
    global.set 5
    global.get 4
    i64.xor
    global.set 4
    i32.reinterpret_f32
    global.get 6
    i32.xor
    global.set 6
    global.get 7
    i32.xor
    global.set 7
    i32.reinterpret_f32
    global.get 6
    i32.xor
    global.set 6
    global.get 7
    i32.xor
    global.set 7
  )
)
